//! What is said of the lab's images and of files of them.

use std::path::Path;

use super::Lang;
use super::korean::{Particle, with};
use crate::lab::image::bundle::BundleFault;
use crate::lab::{Loaded, Saved, Stocked};

/// Why a file can't be used, and what to do.
pub fn fault(lang: Lang, path: &Path, fault: &BundleFault) -> String {
    let path = path.display().to_string();
    match (lang, fault) {
        (Lang::En, BundleFault::NotOurs) => {
            format!(
                "{path} was not written by `swarmlings images save`. `docker load -i` reads files of `docker save`."
            )
        }
        (Lang::Ko, BundleFault::NotOurs) => {
            format!(
                "{} `swarmlings images save`로 만든 파일이 아닙니다. `docker save`로 만든 파일은 `docker load -i`로 읽습니다.",
                with(&path, Particle::Topic)
            )
        }
        (Lang::En, BundleFault::Newer(format)) => {
            format!(
                "{path} has format {format}, of a newer swarmlings. Update swarmlings, or save the images with the version that is used here."
            )
        }
        (Lang::Ko, BundleFault::Newer(format)) => {
            format!(
                "{} 더 새로운 swarmlings가 만든 형식 {format}의 파일입니다. swarmlings를 업데이트하거나, 여기서 쓰는 버전으로 이미지를 다시 저장하세요.",
                with(&path, Particle::Topic)
            )
        }
        (Lang::En, BundleFault::OtherMachine { file, engine }) => {
            format!(
                "{path} holds images for {file}, and this Docker Engine runs {engine}. Save them on a machine of the same kind."
            )
        }
        (Lang::Ko, BundleFault::OtherMachine { file, engine }) => {
            format!(
                "{path}의 이미지는 {file}용이고 이 도커 엔진은 {engine}입니다. 같은 종류의 컴퓨터에서 저장한 파일이 필요합니다."
            )
        }
        (Lang::En, BundleFault::Damaged(part)) => {
            format!("{path} is damaged ({part}). Nothing was loaded; copy it again.")
        }
        (Lang::Ko, BundleFault::Damaged(part)) => {
            format!(
                "{path} 파일이 손상되었습니다({part}). 아무것도 불러오지 않았습니다. 파일을 다시 복사하세요."
            )
        }
        (Lang::En, BundleFault::Occupied) => {
            format!(
                "{path} exists and is not a file of `swarmlings images save`, so it was left alone. Give another name."
            )
        }
        (Lang::Ko, BundleFault::Occupied) => {
            format!(
                "{} 이미 있고 `swarmlings images save`로 만든 파일이 아니어서 그대로 두었습니다. 다른 이름을 지정하세요.",
                with(&path, Particle::Subject)
            )
        }
    }
}

/// Where an image of the lab comes from, in a few words.
pub fn stocked(lang: Lang, stocked: &Stocked) -> String {
    match (lang, stocked) {
        (Lang::En, Stocked::There) => "ready".to_owned(),
        (Lang::Ko, Stocked::There) => "준비됨".to_owned(),
        (Lang::En, Stocked::StandIn(name)) => format!("ready, stand-in {name}"),
        (Lang::Ko, Stocked::StandIn(name)) => format!("준비됨, 대체 이미지 {name}"),
        (Lang::En, Stocked::Makeable) => "made here when it is needed".to_owned(),
        (Lang::Ko, Stocked::Makeable) => "필요할 때 여기서 만듦".to_owned(),
        (Lang::En, Stocked::Pullable) => "pulled when it is needed".to_owned(),
        (Lang::Ko, Stocked::Pullable) => "필요할 때 내려받음".to_owned(),
        (Lang::En, Stocked::Missing(why)) if why.is_empty() => "can't be had here".to_owned(),
        (Lang::Ko, Stocked::Missing(why)) if why.is_empty() => "구할 수 없음".to_owned(),
        (Lang::En, Stocked::Missing(why)) => format!("can't be had here: {why}"),
        (Lang::Ko, Stocked::Missing(why)) => format!("구할 수 없음: {why}"),
    }
}

/// The head of the table of images.
pub fn columns(lang: Lang) -> [&'static str; 3] {
    match lang {
        Lang::En => ["IMAGE", "SIZE", "STATE"],
        Lang::Ko => ["이미지", "크기", "상태"],
    }
}

/// What was written.
pub fn saved(lang: Lang, path: &Path, saved: &Saved) -> String {
    let (path, mb) = (path.display().to_string(), saved.bytes / 1_000_000);
    let (images, os, arch) = (saved.images, &saved.os, &saved.arch);
    match lang {
        Lang::En => format!(
            "{path}: {images} images for {os}/{arch}, {mb} MB. In a room without network: `swarmlings images load {path}`."
        ),
        Lang::Ko => format!(
            "{path}: {os}/{arch}용 이미지 {images}개, {mb} MB. 네트워크가 없는 곳에서 {} 불러오세요.",
            with(
                &format!("`swarmlings images load {path}`"),
                Particle::Direction
            )
        ),
    }
}

/// What became of an image of a file.
pub fn loaded(lang: Lang, image: &str, loaded: &Loaded) -> String {
    match (lang, loaded) {
        (Lang::En, Loaded::New) => format!("{image}: loaded"),
        (Lang::Ko, Loaded::New) => format!("{image}: 불러옴"),
        (Lang::En, Loaded::StandIn) => format!("{image}: loaded, as a stand-in"),
        (Lang::Ko, Loaded::StandIn) => format!("{image}: 대체 이미지로 불러옴"),
        (Lang::En, Loaded::Kept) => format!("{image}: there already, and kept as it is"),
        (Lang::Ko, Loaded::Kept) => format!("{image}: 이미 있어 그대로 둠"),
    }
}

/// After all were loaded.
pub fn ready(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "The lab needs no network now.",
        Lang::Ko => "이제 실습 환경에 네트워크가 필요하지 않습니다.",
    }
}
