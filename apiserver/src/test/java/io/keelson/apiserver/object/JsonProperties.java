package io.keelson.apiserver.object;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

class JsonProperties {
    private static final ObjectMapper JACKSON = new ObjectMapper();

    @Provide
    Arbitrary<JsonNode> trees() {
        return Trees.any();
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void whatIsWrittenIsReadAgain(@ForAll("trees") JsonNode tree) {
        assertEquals(tree, Json.parse(Json.encode(tree)));
        assertEquals(tree, Json.parse(Json.encodePretty(tree)));
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void anotherReaderReadsTheSame(@ForAll("trees") JsonNode tree) throws IOException {
        byte[] json = Json.encode(tree);
        assertEquals(Json.text(tree), Json.text(JACKSON.readTree(json)));
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void whatAnotherWriterWritesIsRead(@ForAll("trees") JsonNode tree) throws JsonProcessingException {
        assertEquals(tree, Json.parse(JACKSON.writeValueAsBytes(tree)));
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void nothingButARefusalComesOfBrokenInput(
            @ForAll("trees") JsonNode tree, @ForAll @Size(max = 3) byte[] noise, @ForAll int seed) {
        byte[] json = Json.encode(tree);
        int cut = Math.floorMod(seed, json.length + 1);
        byte[] broken = new byte[cut + noise.length];
        System.arraycopy(json, 0, broken, 0, cut);
        System.arraycopy(noise, 0, broken, cut, noise.length);
        try {
            Json.parse(broken);
        } catch (MalformedException refused) {
            assertEquals(
                    refused.message(),
                    new String(refused.message().getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
        }
        try {
            Yaml.parse(Arrays.copyOf(broken, broken.length));
        } catch (MalformedException refused) {
            assertEquals(refused.message(), refused.message().strip());
        }
    }
}
