//! x
use swarmlings::lab::*;
use swarmlings::model::*;
use swarmlings::shell::Exec;
use std::time::Instant;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    if args[0].ends_with("wget") { swarmlings::echo::wget(args[1..].to_vec()); return; }
    if args.get(1).map(String::as_str) == Some("echo") { swarmlings::echo::main(args[2..].to_vec()); return; }
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(run());
}
async fn run() {
    let options = RealOptions { name: "try".into(), dir: "/tmp/swl-try/lab".into(), cache: "/tmp/swl-try/cache".into(),
        endpoint: connect::Endpoint::Unix("/var/run/docker.sock".into()), node_image: None, privileged: false, user: "me".into(), host: "here".into() };
    let lab = Lab::Real(std::sync::Arc::new(RealLab::new(options).unwrap()));
    let mut compose = Compose::default();
    for name in ["manager","worker01","worker02","worker03"] {
        compose.services.push(ComposeService { name: name.into(), image: "docker:dind".into(), privileged: true, ..Default::default() });
    }
    let plan = Plan { compose, images: vec!["hashicorp/http-echo:latest".into()] };
    let (tell, mut news) = tokio::sync::mpsc::unbounded_channel();
    let t = Instant::now();
    println!("{:?}", lab.needs(&plan).await);
    println!("needs {:?}", t.elapsed());
    tokio::spawn(async move { while let Some(n) = news.recv().await { println!("{:?} {n:?}", t.elapsed()); } });
    let t = Instant::now();
    println!("up {:?} {:?}", lab.up(&plan, &tell).await, t.elapsed());
    let sh = |node: &str, cmd: &str| { let lab = lab.clone(); let exec = Exec { node: node.into(), argv: vec!["sh".into(),"-c".into(),cmd.into()], ..Default::default() }; async move {
        let t = Instant::now();
        let (out, mut rx) = tokio::sync::mpsc::channel(64);
        let p = tokio::spawn(async move { let mut s = String::new(); while let Some(o) = rx.recv().await { match o { Output::Out(b) | Output::Err(b) => s.push_str(&String::from_utf8_lossy(&b)) } } s });
        let code = lab.exec(&exec, Pipes { out, input: None, tty: None, interrupt: None }).await;
        println!("{code:?} {:?} {}", t.elapsed(), p.await.unwrap());
    }};
    sh("manager", "docker swarm init 2>&1 | head -3; docker images").await;
    let s = lab.observe().await.unwrap();
    let sw = s.swarm.unwrap();
    for w in ["worker01","worker02","worker03"] { sh(w, &format!("docker swarm join --token {} {}", sw.worker_token, sw.manager_addr.clone().unwrap())).await; }
    sh("manager", "docker service create -d --name test_swarm -p 5678:5678 hashicorp/http-echo:latest; docker service scale -d test_swarm=6").await;
    let t = Instant::now();
    loop { let s = lab.observe().await.unwrap(); let sw = s.swarm.unwrap(); let n = sw.tasks.iter().filter(|t| t.state == TaskState::Running).count(); if n == 6 || t.elapsed().as_secs() > 20 { println!("{n} {:?}", t.elapsed()); for t in &sw.tasks { println!("{:?} {:?} {:?} {}", t.state, t.error, t.addresses, t.message); } break; } }
    for _ in 0..5 { let t = Instant::now(); lab.observe().await.unwrap(); println!("observe {:?}", t.elapsed()); }
    println!("{:?}", lab.http("http://manager:5678/", None).await);
    println!("{:?}", lab.ps().await);
    println!("{:?}", lab.images().await);
    let t = Instant::now();
    println!("down {:?} {:?}", lab.down(false, &tell).await, t.elapsed());
}
