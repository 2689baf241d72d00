package io.keelson.apiserver.object;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
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

    private static byte[] joined(JsonWriter writer) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (ByteBuffer piece : writer.pieces()) {
            all.write(piece.array(), piece.arrayOffset() + piece.position(), piece.remaining());
        }
        return all.toByteArray();
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void whatIsWrittenInPiecesIsWhatIsWrittenAsAWhole(
            @ForAll("trees") JsonNode tree, @ForAll @IntRange(max = 300) int often, @ForAll long seed) {
        Random random = new Random(seed);
        ObjectNode object = Json.object();
        object.set("tree", tree);
        object.put("long", "é<".repeat(random.nextInt(5_000)));
        ArrayNode list = object.putArray("list");
        JsonWriter writer = new JsonWriter().raw("{");
        ObjectNode before = object.deepCopy();
        before.remove("list");
        writer.fields(before).raw(",\"list\":[");
        for (int i = 0; i < often; i++) {
            list.add(tree);
            writer.raw(i == 0 ? "" : ",");
            if (random.nextBoolean()) {
                writer.value(tree);
            } else {
                byte[] encoded = (" " + Json.text(tree) + " ").getBytes(StandardCharsets.UTF_8);
                writer.encoded(encoded, 1, encoded.length - 2);
            }
        }
        writer.raw("]}");
        assertArrayEquals(Json.encode(object), joined(writer));
        assertArrayEquals(Json.encode(tree), joined(writer.again().value(tree)), "one after the other");
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void oneFieldIsReadAsTheWholeHasIt(@ForAll("trees") JsonNode before, @ForAll("trees") JsonNode tree) {
        ObjectNode object = Json.object();
        object.set("before", before);
        object.set("wanted", tree);
        object.set("behind", before);
        byte[] json = Json.encode(object);
        assertEquals(tree, Json.field(json, "wanted"));
        assertEquals(before, Json.field(json, "behind"));
        assertTrue(Json.field(json, "missing").isMissingNode());
        assertTrue(Json.field(Json.encode(Json.object()), "wanted").isMissingNode());
    }

    @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
    void anUntypedObjectIsTheObjectWithoutItsType(
            @ForAll("trees") JsonNode tree, @ForAll boolean first, @ForAll boolean more) {
        ObjectNode object = Json.object();
        if (first) {
            object.put("kind", "Pod").put("apiVersion", "v1");
        }
        if (more) {
            object.set("tree", tree);
        }
        if (!first) {
            object.put("apiVersion", "v1").put("kind", "Pod");
        }
        ObjectNode untyped = object.deepCopy();
        untyped.remove(List.of("kind", "apiVersion"));
        assertArrayEquals(Json.encode(untyped), joined(new JsonWriter().untyped(object)));
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
