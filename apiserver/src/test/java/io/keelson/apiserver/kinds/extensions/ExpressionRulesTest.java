package io.keelson.apiserver.kinds.extensions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExpressionRulesTest {
    private static final String LISTS = """
            {"type":"object","properties":{"a":{"type":"array"%s,"items":{"type":"string"%s}},
              "m":{"type":"object","additionalProperties":{"type":"integer"}},"n":{"type":"integer"}},
             "x-kubernetes-validations":[{"rule":"%s"}]}""";

    private static List<String> wrong(String spec) {
        FieldErrors errors = new FieldErrors();
        ExpressionRules.validate(
                Json.parse("{\"type\":\"object\",\"properties\":{\"spec\":" + spec + "}}"), FieldPath.of("s"), errors);
        return errors.list().stream().map(Object::toString).toList();
    }

    @Test
    void rulesMustCompile() {
        assertEquals(
                List.of("s.properties[spec].x-kubernetes-validations[0].rule: Invalid value: \"self.nope == 1\": compilation"
                        + " failed: ERROR: <input>:1:5: undefined field 'nope'\n | self.nope == 1\n | ....^"),
                wrong("{\"type\":\"object\",\"x-kubernetes-validations\":[{\"rule\":\"self.nope == 1\"}]}"));
        assertEquals(
                List.of("s.properties[spec].x-kubernetes-validations[0].rule: Invalid value: \"1\": cel expression must"
                        + " evaluate to a bool"),
                wrong("{\"type\":\"object\",\"x-kubernetes-validations\":[{\"rule\":\"1\"}]}"));
        assertEquals(
                List.of("s.properties[spec].x-kubernetes-validations[0].messageExpression: Invalid value: \"1\":"
                        + " messageExpression must evaluate to a string"),
                wrong("{\"type\":\"object\",\"x-kubernetes-validations\":[{\"rule\":\"true\",\"messageExpression\":\"1\"}]}"));
    }

    @Test
    void pathsMustLeadSomewhere() {
        assertEquals(
                List.of("s.properties[spec].x-kubernetes-validations[0].fieldPath: Invalid value: \".nope\": fieldPath must be"
                        + " a valid path: does not refer to a valid field"),
                wrong("""
                        {"type":"object","properties":{"a":{"type":"string"}},
                         "x-kubernetes-validations":[{"rule":"true","fieldPath":".nope"}]}"""));
        assertEquals(List.of(), wrong("""
                        {"type":"object","properties":{"a-b":{"type":"object","additionalProperties":{"type":"string"}}},
                         "x-kubernetes-validations":[{"rule":"true","fieldPath":"['a-b'].c"}]}"""));
    }

    @Test
    void oldValuesMustBeFound() {
        assertEquals(
                List.of("s.properties[spec].properties[a].items.x-kubernetes-validations[0].rule: Invalid value: \"self =="
                        + " oldSelf\": oldSelf cannot be used on the uncorrelatable portion of the schema within"
                        + " s.properties[spec].properties[a]"),
                wrong("""
                        {"type":"object","properties":{"a":{"type":"array","maxItems":9,"items":{"type":"integer",
                          "x-kubernetes-validations":[{"rule":"self == oldSelf"}]}}}}"""));
        assertEquals(
                List.of("s.properties[spec].x-kubernetes-validations[0].optionalOldSelf: Invalid value: true: may not be set"
                        + " if oldSelf is not used in rule"),
                wrong("{\"type\":\"object\",\"x-kubernetes-validations\":[{\"rule\":\"true\",\"optionalOldSelf\":true}]}"));
    }

    @Test
    void rulesMustNotCostTooMuchAtWorst() {
        String nested = "self.a.all(x, self.a.all(y, x == y))";
        assertEquals(List.of(), wrong(LISTS.formatted(",\"maxItems\":10", ",\"maxLength\":10", nested)));
        assertEquals(
                "s.properties[spec].x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor"
                        + " of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength"
                        + " where arrays, maps, and strings are declared)",
                wrong(LISTS.formatted("", "", nested)).getFirst());
        assertEquals(List.of(), wrong(LISTS.formatted("", "", "self.a.all(x, x.startsWith('a'))")));
        assertEquals(List.of(), wrong(LISTS.formatted("", "", "self.m.all(k, self.m[k] > 0) && self.n < 3")));
        assertTrue(wrong(LISTS.formatted("", "", "self.a.map(x, x + 'a').exists(x, x.matches('a+b+'))"))
                .getFirst()
                .contains("estimated rule cost exceeds budget"));
    }

    /** Rules of the Gateway API, with the limits of its schemas. */
    @Test
    void rulesThatPeopleHaveAreCheapEnough() {
        assertEquals(List.of(), wrong("""
                {"type":"object","properties":{
                  "parentRefs":{"type":"array","maxItems":32,
                    "x-kubernetes-validations":[{"message":"unique","rule":
                      "self.all(p1, self.all(p2, p1.group == p2.group && p1.kind == p2.kind && p1.name == p2.name && (((!has(p1.__namespace__) || p1.__namespace__ == '') && (!has(p2.__namespace__) || p2.__namespace__ == '')) || (has(p1.__namespace__) && has(p2.__namespace__) && p1.__namespace__ == p2.__namespace__ )) ? ((!has(p1.sectionName) || p1.sectionName == '') == (!has(p2.sectionName) || p2.sectionName == '')) : true))"},
                      {"message":"one","rule":
                      "self.all(p1, self.exists_one(p2, p1.group == p2.group && p1.kind == p2.kind && p1.name == p2.name && (!has(p1.sectionName) || p1.sectionName == '') == (!has(p2.sectionName) || p2.sectionName == '')))"}],
                    "items":{"type":"object","required":["name"],"properties":{
                      "group":{"type":"string","default":"g","maxLength":253},
                      "kind":{"type":"string","default":"k","maxLength":63},
                      "name":{"type":"string","maxLength":253},
                      "namespace":{"type":"string","maxLength":63},
                      "sectionName":{"type":"string","maxLength":253}}}},
                  "rules":{"type":"array","maxItems":16,
                    "x-kubernetes-validations":[{"message":"few","rule":
                      "(self.size() > 0 ? self[0].matches.size() : 0) + (self.size() > 1 ? self[1].matches.size() : 0) + (self.size() > 2 ? self[2].matches.size() : 0) <= 128"}],
                    "items":{"type":"object","properties":{
                      "filters":{"type":"array","maxItems":16,
                        "x-kubernetes-validations":[
                          {"rule":"!(self.exists(f, f.type == 'RequestRedirect') && self.exists(f, f.type == 'URLRewrite'))"},
                          {"rule":"self.filter(f, f.type == 'RequestHeaderModifier').size() <= 1"}],
                        "items":{"type":"object","properties":{
                          "type":{"type":"string","enum":["RequestHeaderModifier","RequestRedirect","URLRewrite"]}}}},
                      "matches":{"type":"array","maxItems":64,
                        "items":{"type":"object","properties":{
                          "path":{"type":"object",
                            "x-kubernetes-validations":[
                              {"rule":"(self.type in ['Exact','PathPrefix']) ? self.value.startsWith('/') : true"},
                              {"rule":"(self.type in ['Exact','PathPrefix']) ? !self.value.contains('//') : true"},
                              {"rule":"(self.type in ['Exact','PathPrefix']) ? !self.value.endsWith('/..') : true"},
                              {"rule":"(self.type in ['Exact','PathPrefix']) ? self.value.matches('^(?:[-A-Za-z0-9/._~!$&()*+,;=:@]|[%][0-9a-fA-F]{2})+$') : true"}],
                            "properties":{
                              "type":{"type":"string","enum":["Exact","PathPrefix","RegularExpression"]},
                              "value":{"type":"string","maxLength":1024}}}}}}}}}}}"""));
    }

    @Test
    void thereAreNotTooManyRules() {
        String rule = "{\"rule\":\"true\"}";
        assertEquals(
                List.of("s: Forbidden: must not have more than 2000 x-kubernetes-validations"),
                wrong("{\"type\":\"object\",\"x-kubernetes-validations\":[" + rule + ("," + rule).repeat(3_000) + "]}"));
    }

    @Test
    void rulesCountForEachPlaceWhereTheyHold() {
        assertTrue(wrong("""
                        {"type":"object","properties":{"a":{"type":"array","items":{"type":"object","properties":{
                          "t":{"type":"string"}},
                          "x-kubernetes-validations":[{"rule":"self.t.contains('abc')"}]}}}}""")
                .getFirst()
                .contains("estimated rule cost exceeds budget"));
        assertEquals(List.of(), wrong("""
                        {"type":"object","properties":{"a":{"type":"array","maxItems":100,"items":{"type":"object",
                          "properties":{"t":{"type":"string","maxLength":100}},
                          "x-kubernetes-validations":[{"rule":"self.t.contains('abc')"}]}}}}"""));
    }
}
