//! Made-up people and places: common surnames and given-name characters, put together at random. Nobody is meant.

use super::rng::Rng;

const SURNAMES: &str = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段钱汤尹黎易常武乔贺赖龚文";
const GIVEN_FIRST: &str = "志建国文明晓海立永春秀玉德世家佳思雨子俊泽浩天宇嘉欣美丽红金银长大小东方正平安庆学振兴继光宏伟林丹雪冬夏秋少成万云青新向卫其亚若一景承启元";
const GIVEN_SECOND: &str = "强军华平明杰峰涛磊超勇刚斌波辉鹏飞龙亮宁洋凯毅浩宇轩辰熙然瑞琳娜婷敏静丽娟艳芳燕玲霞梅兰萍红云英莉雯倩颖洁悦彤怡萱岚松柏林森川江河山岩栋梁才武文博远航程";

/// Streets, without a city of this name to them.
pub(super) const STREETS: [&str; 16] = [
    "柳桥路",
    "石巷街",
    "西渡街",
    "槐荫路",
    "南塘路",
    "北仓街",
    "望楼路",
    "松鹤路",
    "竹园街",
    "麦田路",
    "渔浦路",
    "钟楼街",
    "杏林路",
    "河埠街",
    "云溪路",
    "长堤路",
];

/// Sixteen police stations of the four districts, four each.
pub(super) const STATIONS: [&str; 16] = [
    "柳桥", "石巷", "西渡", "槐荫", "南塘", "北仓", "望楼", "松鹤", "竹园", "麦田", "渔浦", "钟楼",
    "杏林", "河埠", "云溪", "长堤",
];

fn one(rng: &mut Rng, from: &str) -> char {
    let n = rng.below(from.len() / 3);
    // All characters of the lists take three bytes in UTF-8 (a test holds this).
    from[3 * n..]
        .chars()
        .next()
        .expect("n is below the number of characters")
}

/// A name of two or three characters.
pub(super) fn person(rng: &mut Rng) -> String {
    let mut name = String::with_capacity(9);
    name.push(one(rng, SURNAMES));
    if rng.percent(78) {
        name.push(one(rng, GIVEN_FIRST));
    }
    name.push(one(rng, GIVEN_SECOND));
    name
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_character_has_three_bytes() {
        for list in [super::SURNAMES, super::GIVEN_FIRST, super::GIVEN_SECOND] {
            assert!(list.chars().all(|c| c.len_utf8() == 3));
        }
    }
}
