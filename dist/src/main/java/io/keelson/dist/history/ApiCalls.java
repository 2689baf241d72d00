package io.keelson.dist.history;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.net.HttpURLConnection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Calls of an API by path, with the connection of a client. */
final class ApiCalls {
    static final JsonMapper JSON = JsonMapper.builder().build();

    private static final int SECONDS_MAX = 60;
    private static final String PLAIN = "application/json";

    private final KubernetesClient client;
    private final String root;

    ApiCalls(KubernetesClient client) {
        this.client = client;
        String url = client.getMasterUrl().toString();
        root = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }

    /**
     * What lies at a path.
     *
     * @throws ApiRefusal if the API refuses, or does not answer
     */
    JsonNode get(String path) throws ApiRefusal, InterruptedException {
        return get(path, PLAIN);
    }

    /** The same in a form that is asked for. */
    JsonNode get(String path, String accept) throws ApiRefusal, InterruptedException {
        return send(client.getHttpClient()
                .newHttpRequestBuilder()
                .uri(root + path)
                .header("Accept", accept)
                .build());
    }

    /** Puts an object in the place of what lies at a path. */
    JsonNode put(String path, JsonNode object) throws ApiRefusal, InterruptedException {
        return send(client.getHttpClient()
                .newHttpRequestBuilder()
                .uri(root + path)
                .method("PUT", PLAIN, object.toString())
                .build());
    }

    /** Makes an object in a list. */
    JsonNode post(String path, JsonNode object) throws ApiRefusal, InterruptedException {
        return send(client.getHttpClient()
                .newHttpRequestBuilder()
                .uri(root + path)
                .post(PLAIN, object.toString())
                .build());
    }

    private JsonNode send(HttpRequest request) throws ApiRefusal, InterruptedException {
        CompletableFuture<HttpResponse<String>> answer = client.getHttpClient().sendAsync(request, String.class);
        try {
            HttpResponse<String> response = answer.get(SECONDS_MAX, TimeUnit.SECONDS);
            JsonNode body = read(response.body());
            if (response.code() >= HttpURLConnection.HTTP_MULT_CHOICE) {
                String message = body.path("message").asText("");
                throw new ApiRefusal(response.code(), message.isEmpty() ? "HTTP " + response.code() : message);
            }
            return body;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new ApiRefusal(0, "the API at " + root + " cannot be reached: " + cause.getMessage());
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new ApiRefusal(0, "the API at " + root + " has not answered within " + SECONDS_MAX + " s");
        }
    }

    private static JsonNode read(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            // An error of something in between, which is no JSON: it is told as it is.
            return JSON.createObjectNode().put("message", text.strip());
        }
    }
}
