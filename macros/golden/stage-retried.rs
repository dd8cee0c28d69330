//! A stage that is tried again, with a field of its input.
#[pipeline_stage(dispatch.notify, retry(when = is_transient, attempts = 3), fields(id = notice.id, sent = _))]
async fn notify(notice: Notice) -> Result<Receipt, NoticeError> {
    let receipt = send(notice).await?;
    record!(sent = receipt.count);
    Ok(receipt)
}
