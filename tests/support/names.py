"""Names in many scripts, for tests of legible text."""

NAMES = {
    "Greek": "Ελένη Παπαδοπούλου",
    "Cyrillic": "Дмитрий Щукин",
    "Chinese": "王小明 镕喆",
    "Japanese": "田中 さくら ユキ",
    "Korean": "김민수",
    "Arabic": "محمد عبد الله",
    "Hebrew": "יעקב כהן",
    "Devanagari": "श्रीकृष्ण हिन्दी",
    "Thai": "ณัฐวุฒิ น้ำใส",
    "Bengali": "ক্ষেত্র বাংলা",
    "Tamil": "தமிழ்",
    "Armenian": "Հայկ",
    "Georgian": "ნინო",
    "Ethiopic": "አበበ",
    "Vietnamese": "Nguyễn Thị Hạnh",
    "emoji": "Bob 😀🎉🐍",
}
