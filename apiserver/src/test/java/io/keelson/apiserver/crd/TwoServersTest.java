package io.keelson.apiserver.crd;

import static io.keelson.apiserver.crd.LiveServer.DEFINITIONS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.apiserver.server.ApiServerConfig;
import io.keelson.apiserver.store.EtcdConnection;
import io.keelson.apiserver.store.TestEtcd;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers on one store agree, without knowing of each other. */
final class TwoServersTest {
    private static String definition(String group, int number) {
        return """
                {'apiVersion': 'apiextensions.k8s.io/v1', 'kind': 'CustomResourceDefinition',
                 'metadata': {'name': 'shared%2$ds.%1$s'},
                 'spec': {'group': '%1$s', 'scope': 'Cluster', 'names': {'plural': 'shared%2$ds', 'kind': 'Shared%2$d'},
                  'versions': [{'name': 'v1', 'served': true, 'storage': true,
                    'schema': {'openAPIV3Schema': {'type': 'object', 'x-kubernetes-preserve-unknown-fields': true}}}]}}""".formatted(group, number);
    }

    @Test
    void whatOneHasEstablishedTheOtherServes(@TempDir Path folder) throws Exception {
        try (TestEtcd store = TestEtcd.embedded(folder)) {
            ApiServerConfig config = ApiServerConfig.ephemeral().withStore(EtcdConnection.to(store.urls()));
            String group = LiveServer.group();
            try (LiveServer first = new LiveServer(config);
                    LiveServer second = new LiveServer(config)) {
                for (int i = 0; i < 10; i++) {
                    first.define(definition(group, i));
                    String objects = "/apis/" + group + "/v1/shared" + i + "s";
                    LiveServer.Answer made = second.post(
                            objects,
                            "{'apiVersion': '" + group + "/v1', 'kind': 'Shared" + i + "', 'metadata': {'name': 'x'}}");
                    assertEquals(201, made.code(), made.body().toString());
                    first.get(objects + "/x").succeeded();
                }
                second.delete(DEFINITIONS + "/shared0s." + group).succeeded();
                first.await(DEFINITIONS + "/shared0s." + group, answer -> answer.code() == 404);
                first.await("/apis/" + group + "/v1/shared0s", answer -> answer.code() == 404);
                second.await("/apis/" + group + "/v1/shared0s", answer -> answer.code() == 404);
            }
            // One that starts later knows them, too.
            try (LiveServer third = new LiveServer(config)) {
                assertEquals(9, third.get(DEFINITIONS).at("/items").size());
                third.get("/apis/" + group + "/v1/shared9s/x").succeeded();
            }
        }
    }
}
