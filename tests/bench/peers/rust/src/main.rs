//! The benchmark's tool on the official Rust SDK: peer stdio | peer http.
use axum::serve::ListenerExt;
use rmcp::{
    Json, ServiceExt,
    handler::server::wrapper::Parameters,
    tool, tool_handler, tool_router,
    transport::{
        stdio,
        streamable_http_server::{
            StreamableHttpServerConfig, StreamableHttpService,
            session::local::LocalSessionManager,
        },
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const ROWS: u32 = 18;

#[derive(Deserialize, JsonSchema)]
struct Question {
    period: String,
    #[allow(dead_code)]
    group_by: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct Row {
    service: String,
    region: String,
    cost: f64,
    credits: f64,
    usage: u32,
    currency: &'static str,
}

#[derive(Serialize, JsonSchema)]
struct Answer {
    period: String,
    rows: Vec<Row>,
}

#[derive(Clone)]
struct Peer;

#[tool_router]
impl Peer {
    #[tool(description = "What was spent, by service")]
    fn get_costs(&self, Parameters(question): Parameters<Question>) -> Json<Answer> {
        let row = |i| Row {
            service: format!("Compute instances {i:02}"),
            region: format!("europe-west-{i:02}"),
            cost: 1234.25 + f64::from(i),
            credits: -12.5 - f64::from(i),
            usage: 1000 + i,
            currency: "EUR",
        };
        Json(Answer { period: question.period, rows: (0..ROWS).map(row).collect() })
    }
}

#[tool_handler]
impl rmcp::ServerHandler for Peer {}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    if std::env::args().nth(1).as_deref() == Some("stdio") {
        Peer.serve(stdio()).await?.waiting().await?;
        return Ok(());
    }
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true);
    let service =
        StreamableHttpService::new(|| Ok(Peer), LocalSessionManager::default().into(), config);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    eprintln!("{{\"message\":\"listening\",\"url\":\"http://{}/mcp\"}}", listener.local_addr()?);
    let listener = listener.tap_io(|tcp| drop(tcp.set_nodelay(true)));
    axum::serve(listener, axum::Router::new().nest_service("/mcp", service)).await?;
    Ok(())
}
