//! Finding a place for the name of each point where it covers nothing.

/// A rectangle, in units of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rect {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Rect {
    /// Where a text in this rectangle is fixed, beside what it belongs to: its start, its end or its middle.
    pub(crate) fn anchor(&self, mark: &Self) -> (&'static str, f64) {
        if self.left >= mark.left + mark.width {
            ("start", self.left)
        } else if self.left + self.width <= mark.left {
            ("end", self.left + self.width)
        } else {
            ("middle", self.left + self.width / 2.0)
        }
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.left < other.left + other.width
            && other.left < self.left + self.width
            && self.top < other.top + other.height
            && other.top < self.top + self.height
    }

    fn contains(&self, other: &Self) -> bool {
        other.left >= self.left
            && other.left + other.width <= self.left + self.width
            && other.top >= self.top
            && other.top + other.height <= self.top + self.height
    }
}

/// The height of a line of text, and about the width of a letter.
pub(crate) const LINE: f64 = 14.0;
const LETTER: f64 = 6.7;

/// Places a label beside each mark, in turn: right, left, above or below, then further up and down, wherever it is
/// inside `panel` and covers neither a mark nor another label. Where all is full it comes to the right.
pub(crate) fn place(panel: Rect, marks: &[Rect], labels: &[&str]) -> Vec<Rect> {
    let mut taken = marks.to_vec();
    let mut placed = Vec::new();
    for (mark, label) in marks.iter().zip(labels) {
        let width = label.chars().count() as f64 * LETTER;
        let candidates = candidates(mark, width);
        let free = |place: &&Rect| panel.contains(place) && !taken.iter().any(|other| other.overlaps(place));
        let place = *candidates.iter().find(free).unwrap_or(&candidates[0]);
        taken.push(place);
        placed.push(place);
    }
    placed
}

fn candidates(mark: &Rect, width: f64) -> Vec<Rect> {
    let middle = mark.top + mark.height / 2.0 - LINE / 2.0;
    let centred = mark.left + mark.width / 2.0 - width / 2.0;
    let at = |left, top| Rect { left, top, width, height: LINE };
    let (right, left) = (mark.left + mark.width + 3.0, mark.left - width - 3.0);
    let (above, below) = (mark.top - LINE, mark.top + mark.height);
    let mut places = vec![at(right, middle), at(left, middle)];
    for x in [centred, mark.left, mark.left + mark.width - width] {
        places.extend([at(x, above), at(x, below)]);
    }
    for halves in 1..8 {
        let away = LINE / 2.0 * f64::from(halves);
        places.extend([at(centred, above - away), at(centred, below + away), at(right, above - away + LINE)]);
        places.extend([at(right, below + away - LINE), at(left, above - away + LINE), at(left, below + away - LINE)]);
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    const PANEL: Rect = Rect { left: 0.0, top: 0.0, width: 200.0, height: 100.0 };

    fn mark(left: f64, top: f64) -> Rect {
        Rect { left, top, width: 10.0, height: 10.0 }
    }

    #[test]
    fn labels_cover_nothing() {
        let marks = [mark(20.0, 45.0), mark(40.0, 45.0), mark(185.0, 45.0), mark(180.0, 60.0)];
        let labels = place(PANEL, &marks, &["one", "two", "three", "four"]);
        for (index, label) in labels.iter().enumerate() {
            assert!(PANEL.contains(label), "{label:?}");
            let others = marks.iter().chain(labels[..index].iter());
            assert!(others.into_iter().all(|other| !other.overlaps(label)), "{label:?}");
        }
    }

    #[test]
    fn a_free_label_is_on_the_right() {
        let labels = place(PANEL, &[mark(20.0, 45.0)], &["name"]);
        assert_eq!((labels[0].left, labels[0].top), (33.0, 43.0));
    }
}
