package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.rest.LiveApi.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What becomes of changes of one object that come at the same time. */
@ExtendWith(LiveApi.Extension.class)
class ConcurrentChangesTest {
    private static final int CLIENTS = 8;
    private static final int CHANGES = 20;

    private final LiveApi api;
    private final String maps;

    ConcurrentChangesTest(LiveApi api) {
        this.api = api;
        maps = "/api/v1/namespaces/" + api.namespace() + "/configmaps";
    }

    private static List<Answer> atOnce(int count, IntFunction<Answer> call) throws Exception {
        List<Answer> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
            List<Future<Answer>> calls = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int number = i;
                calls.add(threads.submit(() -> call.apply(number)));
            }
            for (Future<Answer> each : calls) {
                answers.add(each.get());
            }
        }
        return answers;
    }

    private Answer patch(String path, int number) {
        String key = "k" + number;
        String set = "{'data': {'" + key + "': 'x'}}";
        return switch (number % 4) {
            case 0 -> api.merge(path, set);
            case 1 -> api.strategic(path, set);
            case 2 ->
                api.send(
                        "PATCH",
                        path,
                        "application/json-patch+json",
                        "[{'op': 'add', 'path': '/data/" + key + "', 'value': 'x'}]");
            default ->
                api.apply(
                        path,
                        "client-" + number,
                        "{'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'shared'}, 'data': {'" + key
                                + "': 'x'}}");
        };
    }

    @Test
    void patchesThatDoNotSayWhichStateTheyMeanAllSucceed() throws Exception {
        api.post(maps, "{'metadata': {'name': 'shared'}, 'data': {'first': 'x'}}")
                .succeeded();
        String path = maps + "/shared";
        for (Answer answer : atOnce(CLIENTS * CHANGES, number -> patch(path, number))) {
            assertEquals(200, answer.code(), answer.body()::toString);
        }
        assertEquals(CLIENTS * CHANGES + 1, api.get(path).at("/data").size());
    }

    @Test
    void ofThoseThatMeanTheSameStateOneSucceeds() throws Exception {
        ObjectNode made = api.post(maps, "{'metadata': {'name': 'meant'}, 'data': {'first': 'x'}}")
                .succeeded()
                .body();
        String version = made.at("/metadata/resourceVersion").asText();
        String path = maps + "/meant";
        List<Answer> answers = atOnce(CLIENTS * 2, number -> {
            if (number % 2 == 0) {
                return api.merge(
                        path, "{'metadata': {'resourceVersion': '" + version + "'}, 'data': {'k" + number + "': 'x'}}");
            }
            ObjectNode put = made.deepCopy();
            put.withObject("/data").put("k" + number, "x");
            return api.put(path, put);
        });
        assertEquals(1, answers.stream().filter(answer -> answer.code() == 200).count());
        assertEquals(
                CLIENTS * 2 - 1,
                answers.stream()
                        .filter(answer ->
                                answer.code() == 409 && answer.reason().equals("Conflict"))
                        .count());
        assertEquals(2, api.get(path).at("/data").size());
    }
}
