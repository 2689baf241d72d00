package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.rest.LiveApi.Answer;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Names that the server makes up. What happens when those are taken is shown by {@code WebhooksTest}. */
@ExtendWith(LiveApi.Extension.class)
class NameGenerationTest {
    private static final String LETTERS = "[bcdfghjklmnpqrstvwxz2456789]{5}";

    private final LiveApi api;
    private final String maps;

    NameGenerationTest(LiveApi api) {
        this.api = api;
        maps = "/api/v1/namespaces/" + api.namespace() + "/configmaps";
    }

    @Test
    void namesBeginAsTheyAreTold() {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            Answer made = api.post(maps, "{'metadata': {'generateName': 'made-up-'}}");
            assertEquals(201, made.code(), made.body()::toString);
            assertEquals("made-up-", made.text("/metadata/generateName"));
            String name = made.text("/metadata/name");
            assertTrue(name.matches("made-up-" + LETTERS), name);
            assertEquals(name, api.get(maps + "/" + name).text("/metadata/name"));
            names.add(name);
        }
        assertEquals(20, names.size());
    }

    @Test
    void aLongBeginningIsCut() {
        String name = api.post(maps, "{'metadata': {'generateName': '" + "a".repeat(70) + "'}}")
                .succeeded()
                .text("/metadata/name");
        assertTrue(name.matches("a{58}" + LETTERS), name);
    }

    @Test
    void whoGivesANameHasNoOtherOneMadeUp() {
        String both = "{'metadata': {'name': 'given', 'generateName': 'made-up-'}}";
        assertEquals("given", api.post(maps, both).succeeded().text("/metadata/name"));
        Answer refused = api.post(maps, both);
        assertEquals(409, refused.code(), refused.body()::toString);
        assertEquals("AlreadyExists", refused.reason());
        assertEquals(
                "configmaps \"given\" already exists, the server was not able to generate a unique name for the object",
                refused.message());
        assertEquals("given", refused.text("/details/name"));
        assertEquals("configmaps", refused.text("/details/kind"));
        assertEquals(1, refused.at("/details/retryAfterSeconds").asInt());
        assertEquals("1", refused.header("Retry-After"));

        Answer plain = api.post(maps, "{'metadata': {'name': 'given'}}");
        assertEquals(409, plain.code(), plain.body()::toString);
        assertEquals("configmaps \"given\" already exists", plain.message());
        assertEquals("", plain.header("Retry-After"));
    }
}
