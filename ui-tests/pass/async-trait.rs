//! `async_trait` in either order, with borrowed and generic arguments, and default methods.

#![deny(warnings)]

use std::sync::Arc;

use async_trait::async_trait;
use tense::traced;

#[async_trait]
trait Store: Send + Sync {
    async fn save(&mut self, name: &str, values: &[u8]) -> Result<usize, String>;

    #[traced(operation.files.copied)]
    async fn copy<T: Into<String> + Send + 'static>(&self, name: T) -> String
    where
        Self: Sized,
    {
        name.into()
    }
}

struct Disk(usize);

#[async_trait]
impl Store for Disk {
    #[traced(operation.files.saved, fields(name, used = self.0, left = _))]
    async fn save(&mut self, name: &str, values: &[u8]) -> Result<usize, String> {
        tokio::task::yield_now().await;
        self.0 += values.len();
        tense::record!(left = 10 - self.0);
        if name.is_empty() {
            return Err("no name".to_owned());
        }
        Ok(self.0)
    }
}

#[traced(operation.files._)]
#[async_trait]
impl Store for Vec<u8> {
    async fn save(&mut self, _name: &str, values: &[u8]) -> Result<usize, String> {
        self.extend(values);
        Ok(self.len())
    }
}

#[async_trait(?Send)]
trait Local {
    async fn read(self: Arc<Self>, n: u8) -> u8;
}

#[async_trait(?Send)]
#[traced(operation.files._)]
impl Local for u8 {
    async fn read(self: Arc<Self>, n: u8) -> u8 {
        *self + n
    }
}

fn main() {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        let mut disk = Disk(0);
        assert_eq!(disk.save("a", &[1, 2]).await, Ok(2));
        assert!(disk.save("", &[]).await.is_err());
        assert_eq!(disk.copy("a").await, "a");
        assert_eq!(vec![1].save("a", &[2]).await, Ok(2));
        assert_eq!(Arc::new(1_u8).read(2).await, 3);
    });
}
