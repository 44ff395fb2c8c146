//! What can go wrong while optimising.

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A number of an ad cannot be true.
    #[error("ad {ad_id}: {field} is {given}, allowed is {allowed}")]
    InvalidAd {
        /// The ad.
        ad_id: String,
        /// The field's name.
        field: &'static str,
        /// The value given.
        given: String,
        /// The rule.
        allowed: &'static str,
    },
    /// Two ads of one call have the same id.
    #[error("ad {ad_id} is given more than once")]
    DuplicateAd {
        /// The id.
        ad_id: String,
    },
    /// Two examples of one data set have the same id.
    #[error("example {id} is given more than once")]
    DuplicateExample {
        /// The id.
        id: String,
    },
    /// There is too little to learn from.
    #[error("{given} examples to learn from, at least {needed} are needed")]
    TooFewExamples {
        /// Number of examples given.
        given: usize,
        /// The smallest number.
        needed: usize,
    },
    /// All examples are of one campaign, so that nothing is left to judge a model by.
    #[error(
        "all outcomes are of one campaign; a model is judged by campaigns that it has not seen"
    )]
    OneGroup,
    /// The bytes are no model of this trainer.
    #[error("no model of {trainer}: {problem}")]
    BadModel {
        /// Which trainer was to read it.
        trainer: String,
        /// What is wrong.
        problem: String,
    },
    /// A parameter is outside its range.
    #[error("{name} is {given}, allowed is {allowed}")]
    InvalidParameter {
        /// The parameter's name.
        name: &'static str,
        /// The value given.
        given: String,
        /// The rule.
        allowed: &'static str,
    },
    /// The ads' smallest allowed budgets add up to more than there is.
    #[error(
        "the total of {total} is below {minimums}, the sum of the smallest allowed budgets{pool}; \
         pause ads or raise the total"
    )]
    BudgetBelowMinimums {
        /// Money to share out.
        total: crate::Money,
        /// What the minimums add up to.
        minimums: crate::Money,
        /// Which pool, as a clause; empty where there is one.
        pool: String,
    },
    /// A table of ads cannot be read.
    #[error("{place}: {problem}")]
    Table {
        /// Row and column, or the header.
        place: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] gv_patterns::Error),
    /// A request to the Conversions API cannot be made.
    #[error("the Conversions API cannot be asked: {problem}")]
    Conversions {
        /// What is wrong.
        problem: String,
    },
    /// What the store holds cannot be understood.
    #[error("a stored record cannot be understood: {problem}")]
    Stored {
        /// What is wrong with it.
        problem: String,
    },
    /// Two changes aim at one budget.
    #[error(
        "ads {} and {} both spend from the budget of {owner}; name it as their budget's owner (column ad_set_id), and they get one decision",
        ads[0], ads[1]
    )]
    SharedBudget {
        /// What the budget belongs to.
        owner: String,
        /// The ads.
        ads: [String; 2],
    },
    /// The changes are larger than the limits allow; nothing was changed.
    #[error("{what} would change daily budgets by {sum}, {cap} is allowed")]
    ChangeCap {
        /// Over what is summed.
        what: &'static str,
        /// The sum.
        sum: crate::Money,
        /// The limit.
        cap: crate::Money,
    },
    /// The journal of changes cannot be used.
    #[error("the journal {}: {problem}", path.display())]
    Journal {
        /// Its file.
        path: std::path::PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// There is no token; nothing was sent.
    #[error("no access token for {platform}: pass one, or set {variable}")]
    MissingToken {
        /// The platform.
        platform: &'static str,
        /// The environment variable that is read.
        variable: &'static str,
    },
    /// The platform refused.
    #[error(
        "{platform} refused{}: {message}{}",
        code.map(|(code, sub)| format!(" ({code}{})", sub.map(|s| format!("/{s}")).unwrap_or_default())).unwrap_or_default(),
        retry_after.map(|time| format!("; try again in {} s", time.as_secs())).unwrap_or_default()
    )]
    Platform {
        /// The platform.
        platform: &'static str,
        /// What it says.
        message: String,
        /// Its code and subcode.
        code: Option<(i64, Option<i64>)>,
        /// When it takes calls again.
        retry_after: Option<std::time::Duration>,
    },
    /// A change was sent, and nobody saw the answer.
    #[error("{platform} may have made the change, but no answer arrived: {reason}")]
    Unanswered {
        /// The platform.
        platform: &'static str,
        /// Why there is no answer.
        reason: String,
    },
    /// The platform could not be reached; nothing was changed.
    #[error("{platform} could not be reached: {reason}")]
    Transport {
        /// The platform.
        platform: &'static str,
        /// What the network says.
        reason: String,
        /// Whether time ran out.
        timed_out: bool,
    },
    /// An address or header field cannot be used; nothing was sent.
    #[error(transparent)]
    Http(#[from] gv_http::Error),
    /// The caller asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// A model that ranks variations failed.
    #[error("the performance model failed: {source}")]
    PerformanceModel {
        /// What it said, or the failure itself.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A model's predictions cannot be used.
    #[error("the performance model gave {problem}")]
    Predictions {
        /// What is wrong with them.
        problem: String,
    },
    /// A trainer, or a model that it made, failed.
    #[error("the trainer {name} failed: {source}")]
    Trainer {
        /// Its name.
        name: String,
        /// What it said, or the failure itself.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// A result whose error is this crate's.
pub type Result<T, E = Error> = std::result::Result<T, E>;

pub(crate) fn parameter(name: &'static str, given: impl ToString, allowed: &'static str) -> Error {
    Error::InvalidParameter { name, given: given.to_string(), allowed }
}
