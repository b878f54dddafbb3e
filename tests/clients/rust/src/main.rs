//! The official Rust client asks one of our servers: client MODE URL | MODE PROGRAM ARGS...
use std::error::Error;

use rmcp::model::{CallToolRequestParams, ProtocolVersion};
use rmcp::service::RunningService;
use rmcp::transport::{StreamableHttpClientTransport, TokioChildProcess};
use rmcp::{ClientLifecycleMode, ClientServiceExt, RoleClient};
use serde_json::json;

async fn connect(
    mode: &str,
    target: &str,
    args: &[String],
) -> Result<RunningService<RoleClient, ()>, Box<dyn Error>> {
    let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
    let lifecycle = match mode {
        "legacy" => ClientLifecycleMode::Initialize,
        "modern" => ClientLifecycleMode::Discover { preferred_versions },
        _ => ClientLifecycleMode::Auto { preferred_versions, legacy_version: None },
    };
    if target.starts_with("http") {
        let transport = StreamableHttpClientTransport::from_uri(target);
        return Ok(().serve_with_lifecycle(transport, lifecycle).await?);
    }
    let mut command = tokio::process::Command::new(target);
    command.args(args);
    Ok(().serve_with_lifecycle(TokioChildProcess::new(command)?, lifecycle).await?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().collect();
    let client = connect(&args[1], &args[2], &args[3..]).await?;
    let tools = client.list_all_tools().await?;
    let arguments = json!({"period": "last_month", "group_by": ["service"]});
    let request = CallToolRequestParams::new("get_costs")
        .with_arguments(arguments.as_object().cloned().unwrap_or_default());
    let result = client.call_tool(request).await?;
    let answer = json!({
        "revision": client.peer_info().map(|info| info.protocol_version.clone()),
        "tools": tools.iter().map(|tool| &tool.name).collect::<Vec<_>>(),
        "text": result.content[0].as_text().map(|block| &block.text),
        "data": result.structured_content,
    });
    println!("{answer}");
    client.cancel().await?;
    Ok(())
}
