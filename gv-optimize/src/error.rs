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
    /// A model's predictions cannot be used.
    #[error("the performance model gave {problem}")]
    PerformanceModel {
        /// What is wrong with them.
        problem: String,
    },
}

/// A result whose error is this crate's.
pub type Result<T, E = Error> = std::result::Result<T, E>;

pub(crate) fn parameter(name: &'static str, given: impl ToString, allowed: &'static str) -> Error {
    Error::InvalidParameter { name, given: given.to_string(), allowed }
}
