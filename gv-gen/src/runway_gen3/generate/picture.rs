//! The picture a video begins with: named by its address, or sent to the service's storage first.

use super::{Generate, Outputs, Stage, accepted};
use crate::runway_gen3::image::Way;
use crate::runway_gen3::task::SERVICE;
use crate::{Error, Result};
use gv_http::{Call, CallError, Event, Method, Moment, Multipart, Part, Request, Response};
use serde::Deserialize;
use std::time::Duration;

/// Times that an upload is begun: a signed form is good for one attempt.
const MAX_UPLOADS: u32 = 3;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Signed {
    upload_url: String,
    #[serde(deserialize_with = "in_order")]
    fields: Vec<(String, serde_json::Value)>,
    runway_uri: String,
}

/// Reads an object's members in the order they came: the storage behind an upload wants it kept.
fn in_order<'de, D>(from: D) -> std::result::Result<Vec<(String, serde_json::Value)>, D::Error>
where
    D: serde::Deserializer<'de>,
{
    struct Members;
    impl<'de> serde::de::Visitor<'de> for Members {
        type Value = Vec<(String, serde_json::Value)>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(
            self,
            mut map: A,
        ) -> std::result::Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some(member) = map.next_entry()? {
                members.push(member);
            }
            Ok(members)
        }
    }
    from.deserialize_map(Members)
}

impl Generate {
    pub(super) fn send_picture(&mut self, now: Moment) -> Outputs {
        match self.plan.as_ref().and_then(|plan| plan.picture.clone()) {
            None => self.create(now, None),
            Some(Way::Uri(uri)) => self.create(now, Some(uri)),
            Some(Way::Upload { file_name, .. }) => {
                let body =
                    serde_json::json!({"filename": file_name, "type": "ephemeral"}).to_string();
                let request = self.settings.request(Method::Post, "/v1/uploads");
                match request.and_then(|request| Ok(request.json(body)?)) {
                    Ok(mut request) => {
                        request.repeat = gv_http::Repeat::Harmless;
                        let call = self.settings.service.call(request);
                        self.call(call, now, Event::Start, Stage::Sign, Self::signed)
                    }
                    Err(error) => self.unpaid(now, error),
                }
            }
        }
    }

    pub(super) fn signed(&mut self, now: Moment, result: Result<Response, CallError>) -> Outputs {
        let response = match accepted(result) {
            Ok(response) => response,
            Err(error) => return self.unpaid(now, error),
        };
        let made = serde_json::from_slice::<Signed>(response.bytes())
            .map_err(|error| Error::Protocol {
                service: SERVICE,
                reason: format!("{error} in the answer to an upload"),
                task: None,
            })
            .and_then(|signed| self.upload_request(&signed).map(|request| (signed, request)));
        match made {
            Err(error) => self.unpaid(now, error),
            Ok((signed, request)) => {
                self.uploads += 1;
                self.upload_uri = signed.runway_uri;
                let jitter = self.settings.service.jitter();
                let call = Call::new(request, gv_http::RetryPolicy::none(), jitter);
                self.call(call, now, Event::Start, Stage::Upload, Self::uploaded)
            }
        }
    }

    fn upload_request(&self, signed: &Signed) -> Result<Request> {
        let Some(Way::Upload { path, file_name, media_type }) =
            self.plan.as_ref().and_then(|plan| plan.picture.as_ref())
        else {
            return Err(crate::error::invalid("image", "none", "a file to upload"));
        };
        let mut parts: Vec<Part> = signed
            .fields
            .iter()
            .map(|(name, value)| match value {
                serde_json::Value::String(text) => Part::text(name, text),
                other => Part::text(name, &other.to_string()),
            })
            .collect();
        parts.push(Part::path("file", file_name, *media_type, path)?);
        let mut request = Request::new(Method::Post, signed.upload_url.clone());
        request.timeout = Duration::from_secs(1800);
        Ok(request.multipart(Multipart::new(parts))?)
    }

    pub(super) fn uploaded(&mut self, now: Moment, result: Result<Response, CallError>) -> Outputs {
        match accepted(result) {
            Ok(_) => self.create(now, Some(self.upload_uri.clone())),
            Err(error) if self.uploads < MAX_UPLOADS && is_passing(&error) => {
                log::warn!("{error}; the upload is begun anew");
                self.send_picture(now)
            }
            Err(error) => self.unpaid(now, error),
        }
    }
}

/// Whether another attempt at an upload may go better.
fn is_passing(error: &Error) -> bool {
    match error {
        Error::Transport { .. } => true,
        Error::Refused { status, .. } => *status == 429 || *status >= 500,
        _ => false,
    }
}
