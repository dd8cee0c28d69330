//! A notice enters; it has arrived in the applicant's inbox when the call returns, or the reason why not is known.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::{Client, StatusCode};
use tense::traced;

use crate::applications::Inbox;
use crate::endpoint::Notice;

/// The way to the inboxes.
#[derive(Debug)]
pub(crate) struct Notices {
    client: Client,
    endpoint: SocketAddr,
    /// How long an attempt waits for its answer.
    patience: Duration,
}

/// Why a notice did not arrive.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoticeError {
    #[error("no answer within {} ms", .0.as_millis())]
    TooLate(Duration),
    #[error("the inbox answered {0}")]
    Refused(StatusCode),
    #[error("reach the inbox")]
    Unreachable(#[source] reqwest::Error),
}

impl NoticeError {
    /// Whether another attempt may go better: an inbox that finds fault with the notice will do so again.
    pub(crate) fn may_pass(&self) -> bool {
        !matches!(self, Self::Refused(status) if status.is_client_error())
    }
}

impl Notices {
    pub(crate) fn new(endpoint: SocketAddr, patience: Duration) -> reqwest::Result<Self> {
        // A proxy of the environment is for other places than this machine.
        let client = Client::builder().no_proxy().timeout(patience).build()?;
        Ok(Self { client, endpoint, patience })
    }

    /// One attempt.
    #[traced(operation.notice.sent)]
    pub(crate) async fn send(&self, notice: &Notice, inbox: Inbox) -> Result<(), NoticeError> {
        let url = format!("http://{}/{}", self.endpoint, inbox.name());
        match self.client.post(url).json(notice).send().await {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(NoticeError::Refused(answer.status())),
            Err(error) if error.is_timeout() => Err(NoticeError::TooLate(self.patience)),
            // The address would make every message of this kind a different one.
            Err(error) => Err(NoticeError::Unreachable(error.without_url())),
        }
    }
}
