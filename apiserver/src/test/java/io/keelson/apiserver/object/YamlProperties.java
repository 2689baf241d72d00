package io.keelson.apiserver.object;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class YamlProperties {
    @Provide
    Arbitrary<JsonNode> trees() {
        return Trees.any();
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void whatIsWrittenIsReadAgain(@ForAll("trees") JsonNode tree) {
        byte[] yaml = Yaml.encode(tree);
        assertEquals(tree, Yaml.parse(yaml), () -> new String(yaml, StandardCharsets.UTF_8));
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void jsonIsYaml(@ForAll("trees") JsonNode tree) {
        String json = Json.text(tree);
        assertEquals(tree, new YamlReader(null).document(json), json);
        assertEquals(tree, Yaml.parse(json.getBytes(StandardCharsets.UTF_8)));
    }
}
