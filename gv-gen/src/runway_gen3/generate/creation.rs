//! The request that makes a task and is paid: sent once, and never again where it may have arrived.

use super::{Generate, Outputs, Stage, call_error, out_of_order};
use crate::journal::Record;
use crate::runway_gen3::task::{SERVICE, is_api_refusal, parse_created, refusal};
use crate::{Error, Result};
use gv_http::{CallError, Event, Method, Moment, Reached, Response, Step};

impl Generate {
    pub(super) fn create(&mut self, now: Moment, image: Option<String>) -> Outputs {
        let Some(plan) = &self.plan else { return Step::Done(Err(out_of_order())) };
        let body = plan.body(image.as_deref());
        let request = self.settings.request(Method::Post, plan.path);
        match request.and_then(|request| Ok(request.json(body)?)) {
            Ok(request) => {
                let call = self.settings.service.call(request).rejected(is_api_refusal);
                self.call(call, now, Event::Start, Stage::Create, Self::created)
            }
            Err(error) => self.unpaid(now, error),
        }
    }

    pub(super) fn created(&mut self, now: Moment, result: Result<Response, CallError>) -> Outputs {
        let response = match result {
            Ok(response) => response,
            Err(CallError::Failed { failure, .. }) if failure.reached() == Reached::MaybeSent => {
                return self.unanswered(now, failure.to_string());
            }
            Err(CallError::Cancelled { unanswered: true }) => {
                return self.unanswered(now, "cancelled while it was being sent".to_owned());
            }
            Err(error) => return self.unpaid(now, call_error(error, None)),
        };
        if !response.head.is_success() {
            let refused =
                response.status() < 500 || (response.status() == 503 && is_api_refusal(&response));
            if refused {
                return self.unpaid(now, refusal(&response));
            }
            return self.unanswered(now, refusal(&response).to_string());
        }
        match parse_created(&response) {
            Err(error) => self.unanswered(now, error.to_string()),
            Ok((task, estimate)) => {
                log::info!("Runway took the request as task {task}");
                self.estimated = estimate.unwrap_or(self.estimated);
                self.task = Some(task.clone());
                self.record(|id| Record::Created { id, at: now.unix.as_secs(), task });
                self.sleep(now)
            }
        }
    }

    pub(super) fn unpaid(&mut self, now: Moment, error: Error) -> Outputs {
        log::error!("{error}");
        let reason = error.to_string();
        self.record(|id| Record::Released { id, at: now.unix.as_secs(), reason });
        Step::Done(Err(error))
    }

    fn unanswered(&mut self, now: Moment, reason: String) -> Outputs {
        let (at, why) = (now.unix.as_secs(), reason.clone());
        self.record(|id| Record::Unanswered { id, at, reason: why });
        let id = self.entry.clone().unwrap_or_default();
        let error = Error::Unanswered { service: SERVICE, id, reason };
        log::error!("{error}");
        Step::Done(Err(error))
    }
}
