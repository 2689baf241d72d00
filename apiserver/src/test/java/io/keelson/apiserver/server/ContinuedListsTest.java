package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.store.EtcdConnection;
import io.keelson.apiserver.store.TestEtcd;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lists in pages, of which the later ones are asked for late. */
final class ContinuedListsTest {
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";

    private static List<String> names(Caller.Answer list) {
        List<String> names = new ArrayList<>();
        for (JsonNode item : list.succeeded().body().path("items")) {
            names.add(item.path("metadata").path("name").asText());
        }
        return names;
    }

    private static void make(Caller admin, String name) throws Exception {
        admin.post(MAPS, "{\"metadata\":{\"name\":\"" + name + "\",\"labels\":{\"in\":\"list\"}}}")
                .succeeded();
    }

    @Test
    void aListThatTheStoreHasForgottenCanBeGoneOnWithAsItIsNow(@TempDir Path folder) throws Exception {
        try (TestEtcd store = TestEtcd.embedded(folder)) {
            ClusterSettings often = ClusterSettings.DEFAULT.withApi(
                    ApiSettings.DEFAULT.withStorage(StorageSettings.DEFAULT.compactedEvery(Duration.ofMillis(300))));
            try (ApiServer server = ApiServer.start(
                            ApiServerConfig.ephemeral().withCluster(often).withStore(EtcdConnection.to(store.urls())));
                    Caller admin = Caller.admin(server)) {
                for (String name : List.of("a", "b", "d")) {
                    make(admin, name);
                }
                String list = MAPS + "?labelSelector=in%3Dlist&limit=1";
                Caller.Answer first = admin.get(list);
                assertEquals(List.of("a"), names(first));
                String token = first.at("/metadata/continue");
                assertFalse(token.isEmpty());
                make(admin, "c");
                List<Caller.Answer> last = new ArrayList<>();
                Deadline.await(() -> {
                    Caller.Answer answer = admin.get(list + "&continue=" + token);
                    if (answer.code() == 200) {
                        assertEquals(List.of("b"), names(answer));
                    }
                    last.add(answer);
                    return answer.code() != 200;
                });
                Caller.Answer expired = last.getLast();
                assertEquals(410, expired.code());
                assertEquals("Expired", expired.at("/reason"));
                assertEquals(
                        "The provided continue parameter is too old to display a consistent list result. You can start a"
                                + " new list without the continue parameter, or use the continue token in this response"
                                + " to retrieve the remainder of the results. Continuing with the provided token results"
                                + " in an inconsistent list - objects that were created, modified, or deleted between the"
                                + " time the first chunk was returned and now may show up in the list.",
                        expired.at("/message"));
                String inconsistent = expired.at("/metadata/continue");
                Caller.Answer rest = admin.get(MAPS + "?labelSelector=in%3Dlist&continue=" + inconsistent);
                assertEquals(List.of("b", "c", "d"), names(rest));
                // A state by its number has nothing to go on with.
                Caller.Answer state = admin.get(
                        MAPS + "?resourceVersionMatch=Exact&resourceVersion=" + first.at("/metadata/resourceVersion"));
                assertEquals(410, state.code());
                assertEquals("The resourceVersion for the provided list is too old.", state.at("/message"));
                assertTrue(state.at("/metadata/continue").isEmpty());
                // Formats other than JSON have the token, too.
                Caller.Answer yaml = admin.get(list + "&continue=" + token, "Accept", "application/yaml");
                assertTrue(yaml.text().contains("continue: " + inconsistent), yaml.text());
            }
        }
    }
}
