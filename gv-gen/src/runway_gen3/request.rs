//! What is asked for, and what that means on the wire.

use super::catalog::{Catalog, Endpoint, Model};
use super::image::{ImageInput, Picture, Way};
use super::prompts::Prompts;
use crate::Result;
use crate::content_hash::content_hash;
use crate::error::invalid;
use serde::Serialize;

/// Shapes of a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum AspectRatio {
    /// 16:9.
    Landscape,
    /// 9:16.
    #[default]
    Portrait,
    /// 1:1.
    Square,
    /// 21:9.
    Widescreen,
    /// 4:3.
    Classic,
    /// 3:4.
    ClassicPortrait,
}

impl AspectRatio {
    /// All shapes.
    pub const ALL: [Self; 6] = [
        Self::Landscape,
        Self::Portrait,
        Self::Square,
        Self::Widescreen,
        Self::Classic,
        Self::ClassicPortrait,
    ];

    /// The ratio as text, `16:9`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Landscape => "16:9",
            Self::Portrait => "9:16",
            Self::Square => "1:1",
            Self::Widescreen => "21:9",
            Self::Classic => "4:3",
            Self::ClassicPortrait => "3:4",
        }
    }

    /// The shape of a text such as `16:9`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`](crate::Error::InvalidInput) where it is none; the message lists all.
    pub fn parse(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|ratio| ratio.as_str() == text);
        found.ok_or_else(|| {
            let all = Self::ALL.map(Self::as_str).join(", ");
            invalid("aspect ratio", text, format!("one of {all}"))
        })
    }
}

/// A video to be generated.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GenerationRequest {
    /// What to show. With a picture, a model may do without.
    pub prompt: String,
    /// The model; `None` takes the table's default for a picture, or for text alone.
    pub model: Option<String>,
    /// Length in seconds; which ones there are depends on the model.
    pub duration: u32,
    /// The shape.
    pub aspect_ratio: AspectRatio,
    /// A seed makes a generation repeatable; `None` leaves it to chance.
    pub seed: Option<u32>,
    /// The picture the video begins with.
    pub image: Option<ImageInput>,
    /// A style: the name of a preset, or a description. It becomes part of the prompt; the API has no field for it.
    pub style: Option<String>,
    /// Pays again even where the same request was paid before.
    pub fresh: bool,
}

impl GenerationRequest {
    /// 5 seconds, portrait, from text alone.
    pub fn new(prompt: impl Into<String>) -> Self {
        Self {
            prompt: prompt.into(),
            model: None,
            duration: 5,
            aspect_ratio: AspectRatio::default(),
            seed: None,
            image: None,
            style: None,
            fresh: false,
        }
    }

    /// The request with a model.
    #[must_use]
    pub fn model(mut self, value: impl Into<String>) -> Self {
        self.model = Some(value.into());
        self
    }

    /// The request with a length in seconds.
    #[must_use]
    pub const fn duration(mut self, value: u32) -> Self {
        self.duration = value;
        self
    }

    /// The request with a shape.
    #[must_use]
    pub const fn aspect_ratio(mut self, value: AspectRatio) -> Self {
        self.aspect_ratio = value;
        self
    }

    /// The request with a seed.
    #[must_use]
    pub const fn seed(mut self, value: u32) -> Self {
        self.seed = Some(value);
        self
    }

    /// The request with a picture to begin with.
    #[must_use]
    pub fn image(mut self, value: ImageInput) -> Self {
        self.image = Some(value);
        self
    }

    /// The request with a style.
    #[must_use]
    pub fn style(mut self, value: impl Into<String>) -> Self {
        self.style = Some(value.into());
        self
    }

    /// The request, paid again even where it was paid before.
    #[must_use]
    pub const fn fresh(mut self, value: bool) -> Self {
        self.fresh = value;
        self
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    duration: u32,
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_image: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_text: Option<&'a str>,
    ratio: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u32>,
}

/// A request that passed every check that can be made here.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plan {
    pub(crate) path: &'static str,
    pub(crate) prompt: String,
    pub(crate) model: String,
    pub(crate) ratio: String,
    pub(crate) duration: u32,
    pub(crate) seed: Option<u32>,
    pub(crate) picture: Option<Way>,
    pub(crate) credits: f64,
    pub(crate) cost: u64,
    pub(crate) hash: String,
    pub(crate) notes: Vec<String>,
    pub(crate) fresh: bool,
}

impl Plan {
    pub(crate) fn new(
        request: &GenerationRequest,
        catalog: &Catalog,
        prompts: &Prompts,
    ) -> Result<Self> {
        let has_image = request.image.is_some();
        let mut notes = Vec::new();
        let model = choose(request, catalog, &mut notes)?;
        let endpoint = endpoint(model, has_image, catalog)?;
        let prompt = match request.style.as_deref().map(str::trim) {
            Some(style) if !style.is_empty() => prompts.styled(&request.prompt, style),
            _ => request.prompt.trim().to_owned(),
        };
        check_prompt(&prompt, model, endpoint)?;
        check_seconds(request.duration, model, endpoint)?;
        let ratio = ratio(request.aspect_ratio, model, endpoint, has_image, catalog)?;
        let picture = request.image.as_ref().map(Picture::check).transpose()?;
        if let Some(size) = picture.as_ref().and_then(|picture| picture.size) {
            check_size(size, model)?;
        }
        let mut plan = Self {
            path: if has_image { "/v1/image_to_video" } else { "/v1/text_to_video" },
            prompt,
            model: model.id.clone(),
            ratio: ratio.to_owned(),
            duration: request.duration,
            seed: request.seed,
            picture: None,
            credits: model.credits(request.duration),
            cost: catalog.micros(model.credits(request.duration)),
            hash: String::new(),
            notes,
            fresh: request.fresh,
        };
        let identity = picture.as_ref().map_or("", |picture| picture.identity.as_str());
        let body = plan.body(Some("").filter(|_| has_image));
        plan.hash = content_hash([plan.path.as_bytes(), &body, identity.as_bytes()]);
        plan.picture = picture.map(|picture| picture.way);
        Ok(plan)
    }

    /// The JSON body, byte for byte as the official client writes it.
    pub(crate) fn body(&self, image: Option<&str>) -> Vec<u8> {
        let wire = Wire {
            duration: self.duration,
            model: &self.model,
            prompt_image: image,
            prompt_text: Some(self.prompt.as_str()).filter(|prompt| !prompt.is_empty()),
            ratio: &self.ratio,
            seed: self.seed,
        };
        serde_json::to_vec(&wire).unwrap_or_default()
    }

    pub(crate) fn summary(&self) -> String {
        let prompt = crate::error::shorten(&self.prompt, 60);
        format!("{} s {} {} {prompt:?}", self.duration, self.ratio, self.model)
    }
}

fn choose<'a>(
    request: &GenerationRequest,
    catalog: &'a Catalog,
    notes: &mut Vec<String>,
) -> Result<&'a Model> {
    let has_image = request.image.is_some();
    let default =
        if has_image { &catalog.default_image_model } else { &catalog.default_text_model };
    let id = request.model.as_ref().unwrap_or(default);
    let known = catalog.model(id).ok_or_else(|| {
        let all: Vec<&str> = catalog.current().map(|m| m.id.as_str()).collect();
        invalid("model", id, format!("one of {}", all.join(", ")))
    })?;
    let Some(retired) = &known.retired else { return Ok(known) };
    let successor = if has_image { &retired.image_successor } else { &retired.text_successor };
    notes.push(format!("{id} is not available: {}; {successor} is used instead", retired.why));
    log::warn!("{}", notes.last().map_or("", String::as_str));
    catalog.model(successor).ok_or_else(|| invalid("model", id, "a model of the table"))
}

fn endpoint<'a>(model: &'a Model, has_image: bool, catalog: &Catalog) -> Result<&'a Endpoint> {
    let pick = |m: &'a Model| {
        if has_image { m.image_to_video.as_ref() } else { m.text_to_video.as_ref() }
    };
    pick(model).ok_or_else(|| {
        let (does, what) = if has_image {
            ("does not take a picture", "a model that does")
        } else {
            ("needs a picture", "a model for text alone")
        };
        let fits: Vec<&str> = catalog
            .current()
            .filter(
                |m| if has_image { m.image_to_video.is_some() } else { m.text_to_video.is_some() },
            )
            .map(|m| m.id.as_str())
            .collect();
        invalid(
            "model",
            format!("{}, which {does}", model.id),
            format!("{what}: {}", fits.join(", ")),
        )
    })
}

fn check_prompt(prompt: &str, model: &Model, endpoint: &Endpoint) -> Result<()> {
    if prompt.is_empty() && endpoint.prompt_required {
        return Err(invalid("prompt", "empty", format!("a text; {} needs one", model.id)));
    }
    let units = prompt.encode_utf16().count();
    if units > model.prompt_utf16 {
        let limit = model.prompt_utf16;
        let rule = format!(
            "at most {limit} UTF-16 code units for {}, wording added here included",
            model.id
        );
        return Err(invalid("prompt", format!("{units} UTF-16 code units"), rule));
    }
    Ok(())
}

fn check_seconds(seconds: u32, model: &Model, endpoint: &Endpoint) -> Result<()> {
    let fits = endpoint.seconds.as_ref().map_or(seconds > 0, |all| all.contains(&seconds));
    if fits {
        return Ok(());
    }
    let rule = endpoint.seconds.as_ref().map_or_else(
        || "at least 1".to_owned(),
        |all| {
            let all: Vec<String> = all.iter().map(u32::to_string).collect();
            format!("one of {} for {}", all.join(", "), model.id)
        },
    );
    Err(invalid("duration", format!("{seconds} s"), rule))
}

fn ratio<'a>(
    wanted: AspectRatio,
    model: &Model,
    endpoint: &'a Endpoint,
    has_image: bool,
    catalog: &Catalog,
) -> Result<&'a str> {
    endpoint.ratios.get(wanted.as_str()).map(String::as_str).ok_or_else(|| {
        let own: Vec<&str> = endpoint.ratios.keys().map(String::as_str).collect();
        let others: Vec<&str> = catalog
            .current()
            .filter(|m| {
                let endpoint = if has_image { &m.image_to_video } else { &m.text_to_video };
                endpoint.as_ref().is_some_and(|e| e.ratios.contains_key(wanted.as_str()))
            })
            .map(|m| m.id.as_str())
            .collect();
        let from = if has_image { "a picture" } else { "text alone" };
        let mut rule = format!("one of {} for {} from {from}", own.join(", "), model.id);
        if !others.is_empty() {
            rule += &format!("; {} from {from}: {}", wanted.as_str(), others.join(", "));
        }
        invalid("aspect ratio", wanted.as_str(), rule)
    })
}

fn check_size((width, height): (u32, u32), model: &Model) -> Result<()> {
    let Some((low, high)) = model.image_aspect else { return Ok(()) };
    let aspect = f64::from(width) / f64::from(height);
    if aspect.is_finite() && (low..=high).contains(&aspect) {
        return Ok(());
    }
    let rule = format!("a width of {low} to {high} times the height for {}", model.id);
    Err(invalid("image", format!("{width}x{height} pixels"), rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(request: &GenerationRequest) -> Result<Plan> {
        Plan::new(request, &Catalog::built_in(), &Prompts::built_in())
    }

    fn refused(request: GenerationRequest) -> String {
        plan(&request).unwrap_err().to_string()
    }

    fn picture() -> ImageInput {
        ImageInput::parse("https://example.com/a.jpg")
    }

    #[test]
    fn the_body_is_what_the_official_client_writes() {
        let request = GenerationRequest::new("a café – 日本").image(picture()).seed(42);
        let plan = plan(&request).unwrap();
        let body = String::from_utf8(plan.body(Some("https://example.com/a.jpg"))).unwrap();
        assert_eq!(
            body,
            r#"{"duration":5,"model":"gen4_turbo","promptImage":"https://example.com/a.jpg","promptText":"a café – 日本","ratio":"720:1280","seed":42}"#
        );
        assert_eq!((plan.path, plan.credits, plan.cost), ("/v1/image_to_video", 25.0, 250_000));
    }

    #[test]
    fn a_retired_model_is_replaced_and_that_is_said() {
        for (model, image, wanted) in [
            ("gen3a_turbo", true, "gen4_turbo"),
            ("gen3a_turbo", false, "gen4.5"),
            ("gen2", false, "gen4.5"),
        ] {
            let mut request = GenerationRequest::new("x").model(model);
            request.image = image.then(picture);
            let plan = plan(&request).unwrap();
            assert_eq!(plan.model, wanted);
            assert!(
                plan.notes[0].contains(model) && plan.notes[0].contains(wanted),
                "{:?}",
                plan.notes
            );
        }
        assert!(plan(&GenerationRequest::new("x")).unwrap().notes.is_empty());
    }

    #[test]
    fn what_runway_would_refuse_is_refused_with_the_rule() {
        let new = || GenerationRequest::new("x");
        for (request, rule) in [
            (GenerationRequest::new(" \n"), "a text"),
            (GenerationRequest::new("é".repeat(1001)), "1000 UTF-16"),
            (GenerationRequest::new("😀".repeat(501)), "1002 UTF-16"),
            (new().duration(0), "one of 2, 3"),
            (new().duration(11), "9, 10 for gen4.5"),
            (new().model("veo3.1").duration(5), "4, 6, 8"),
            (new().aspect_ratio(AspectRatio::Square), "seedance2, happyhorse_1_0"),
            (new().aspect_ratio(AspectRatio::Widescreen), "seedance2"),
            (new().model("gen4_turbo"), "gen4.5"),
            (new().model("gen9"), "gen4_turbo, gen4.5"),
            (new().model("seedance2").image(picture()), "does not take a picture"),
            (GenerationRequest::new("").model("gen4.5").image(picture()), "a text"),
        ] {
            let error = refused(request);
            assert!(error.contains(rule), "{rule}: {error}");
        }
        assert!(plan(&GenerationRequest::new("😀".repeat(500))).is_ok());
        assert!(plan(&GenerationRequest::new("").image(picture())).is_ok());
    }

    #[test]
    fn a_picture_too_narrow_for_the_model_is_refused() {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x64\0\0\x01\0".to_vec();
        let ask = |bytes: &[u8]| {
            plan(&GenerationRequest::new("x").image(ImageInput::Bytes(bytes.to_vec())))
        };
        assert!(ask(&bytes).unwrap_err().to_string().contains("100x256 pixels"));
        bytes[23] = 0x96;
        bytes[22] = 0;
        assert!(ask(&bytes).is_ok());
        bytes[23] = 0;
        assert!(ask(&bytes).is_err());
    }

    #[test]
    fn the_hash_is_the_same_for_the_same_request_and_no_other() {
        let base = || GenerationRequest::new("x").image(picture()).seed(1);
        let hash = |request: GenerationRequest| plan(&request).unwrap().hash;
        let one = hash(base());
        assert_eq!(one, hash(base().fresh(true)));
        for other in [
            base().seed(2),
            base().duration(10),
            base().aspect_ratio(AspectRatio::Square),
            base().style("studio"),
            base().model("gen4.5"),
            base().image(ImageInput::parse("https://example.com/b.jpg")),
        ] {
            assert_ne!(one, hash(other));
        }
    }

    #[test]
    fn every_shape_is_read_back_and_others_are_refused() {
        for ratio in AspectRatio::ALL {
            assert_eq!(AspectRatio::parse(ratio.as_str()).unwrap(), ratio);
        }
        assert!(AspectRatio::parse("2:1").unwrap_err().to_string().contains("21:9"));
    }
}
