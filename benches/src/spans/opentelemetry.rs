//! `tracing`'s attribute through tracing-opentelemetry, with the batch processor and an exporter that drops.

use std::hint::black_box;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider, SpanData, SpanExporter};
use tracing_subscriber::prelude::*;

use super::{Recorder, arrived_with};

pub(super) const BATCH: Recorder = Recorder {
    name: "tracing-opentelemetry, batch",
    set_up: || {
        // The queue holds a burst of two threads, as our ring does; the 2,048 that it holds otherwise would have most
        // of it dropped.
        let config = BatchConfigBuilder::default().with_max_queue_size(65_536).build();
        let processor = BatchSpanProcessor::builder(Nowhere).with_batch_config(config).build();
        let provider = SdkTracerProvider::builder().with_span_processor(processor).build();
        let tracer = provider.tracer("tense-benches");
        tracing_subscriber::registry().with(tracing_opentelemetry::layer().with_tracer(tracer)).init();
        Ok(Box::new(move || {
            provider.force_flush().ok();
        }))
    },
    roots: super::tracing::ROOTS,
    delivers: true,
};

#[derive(Debug)]
struct Nowhere;

impl SpanExporter for Nowhere {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        arrived_with(black_box(batch).len());
        Ok(())
    }
}
