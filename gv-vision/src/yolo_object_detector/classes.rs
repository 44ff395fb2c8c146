//! The classes that the detectors know, and what each is to an ad.

/// The 80 classes of COCO in the order of their numbers, as the detectors' networks give them.
pub const COCO_CLASSES: [&str; 80] = [
    "person",
    "bicycle",
    "car",
    "motorcycle",
    "airplane",
    "bus",
    "train",
    "truck",
    "boat",
    "traffic light",
    "fire hydrant",
    "stop sign",
    "parking meter",
    "bench",
    "bird",
    "cat",
    "dog",
    "horse",
    "sheep",
    "cow",
    "elephant",
    "bear",
    "zebra",
    "giraffe",
    "backpack",
    "umbrella",
    "handbag",
    "tie",
    "suitcase",
    "frisbee",
    "skis",
    "snowboard",
    "sports ball",
    "kite",
    "baseball bat",
    "baseball glove",
    "skateboard",
    "surfboard",
    "tennis racket",
    "bottle",
    "wine glass",
    "cup",
    "fork",
    "knife",
    "spoon",
    "bowl",
    "banana",
    "apple",
    "sandwich",
    "orange",
    "broccoli",
    "carrot",
    "hot dog",
    "pizza",
    "donut",
    "cake",
    "chair",
    "couch",
    "potted plant",
    "bed",
    "dining table",
    "toilet",
    "tv",
    "laptop",
    "mouse",
    "remote",
    "keyboard",
    "cell phone",
    "microwave",
    "oven",
    "toaster",
    "sink",
    "refrigerator",
    "book",
    "clock",
    "vase",
    "scissors",
    "teddy bear",
    "hair drier",
    "toothbrush",
];

/// Categories of an ad and the classes that each holds; every class is in one of them.
///
/// `product` holds what is sold by itself and held in hands; where an ad sells something else, its class says so and
/// not the category.
pub const AD_RELEVANT_CATEGORIES: [(&str, &[&str]); 10] = [
    ("people", &["person"]),
    (
        "product",
        &[
            "bottle",
            "cup",
            "wine glass",
            "handbag",
            "backpack",
            "suitcase",
            "umbrella",
            "tie",
            "book",
            "clock",
            "vase",
            "scissors",
            "teddy bear",
            "hair drier",
            "toothbrush",
        ],
    ),
    ("technology", &["tv", "laptop", "mouse", "remote", "keyboard", "cell phone"]),
    (
        "food",
        &[
            "banana", "apple", "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza",
            "donut", "cake", "bowl", "fork", "knife", "spoon",
        ],
    ),
    (
        "sports",
        &[
            "frisbee",
            "skis",
            "snowboard",
            "sports ball",
            "kite",
            "baseball bat",
            "baseball glove",
            "skateboard",
            "surfboard",
            "tennis racket",
        ],
    ),
    (
        "home",
        &[
            "chair",
            "couch",
            "potted plant",
            "bed",
            "dining table",
            "toilet",
            "microwave",
            "oven",
            "toaster",
            "sink",
            "refrigerator",
        ],
    ),
    ("vehicle", &["bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat"]),
    (
        "animal",
        &["bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"],
    ),
    ("street", &["traffic light", "fire hydrant", "stop sign", "parking meter"]),
    ("lifestyle", &["bench"]),
];

/// The category of a class; `other` for a number that is no class.
pub fn category_of(class_id: usize) -> &'static str {
    let Some(name) = COCO_CLASSES.get(class_id) else { return "other" };
    let holds = |(_, classes): &&(&'static str, &[&str])| classes.contains(name);
    AD_RELEVANT_CATEGORIES.iter().find(holds).map_or("other", |(category, _)| category)
}

/// Whether a class is something that ads sell and hands hold: a product, a device, or food.
pub fn is_product(class_id: usize) -> bool {
    matches!(category_of(class_id), "product" | "technology" | "food")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_is_in_one_category_and_every_entry_is_a_class() {
        for (class_id, name) in COCO_CLASSES.iter().enumerate() {
            let holding = AD_RELEVANT_CATEGORIES.iter().filter(|entry| entry.1.contains(name));
            assert_eq!(holding.count(), 1, "{name}");
            assert_ne!(category_of(class_id), "other");
        }
        let entries = AD_RELEVANT_CATEGORIES.iter().map(|entry| entry.1.len()).sum::<usize>();
        assert_eq!(entries, COCO_CLASSES.len());
        assert_eq!(category_of(80), "other");
    }

    #[test]
    fn a_phone_is_a_product_and_a_person_is_none() {
        assert!(is_product(67) && is_product(39));
        assert!(!is_product(0) && !is_product(99));
    }
}
