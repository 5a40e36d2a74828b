//! Producers and judges know the same languages by the same endings: whoever submits a file must not name another than the
//! judge would.

use judge::Languages;

#[test]
fn a_producer_names_the_language_that_a_judge_would() {
    let languages = Languages::builtin();
    let claimed = languages.iter().flat_map(|language| {
        let endings = language.endings.iter();
        endings.map(|ending| (format!("main{ending}"), language.id.clone()))
    });
    let claimed: Vec<(String, String)> = claimed.collect();
    assert!(claimed.len() >= 18, "{claimed:?}");
    for (file, language) in claimed {
        let guessed = producer::language::guess([file.as_str()]);
        assert_eq!(guessed, Ok(language.as_str()), "{file}");
    }
}

#[test]
fn every_language_of_a_judge_has_a_code_that_a_producer_takes() {
    for language in Languages::builtin().iter() {
        assert_eq!(producer::language::check(&language.id), Ok(()));
    }
}
