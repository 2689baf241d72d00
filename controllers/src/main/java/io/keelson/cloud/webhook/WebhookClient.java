package io.keelson.cloud.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.keelson.cloud.CloudException;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends requests and reads answers of 4 MiB at most. A request that comes to the same end however often it arrives is
 * sent again if its answer is lost or the server is away; another one never is, as nobody knows whether it was done.
 */
final class WebhookClient implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WebhookClient.class);
    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
    private static final long ANSWER_BYTES_MAX = 4 << 20;
    private static final int TOKEN_BYTES_MAX = 16 << 10;
    private static final int MESSAGE_LENGTH_MAX = 512;
    private static final long PAUSE_MILLIS = 100;
    private static final int PAUSE_DOUBLINGS_MAX = 5;
    private static final long RETRY_AFTER_SECONDS_MAX = 3600;
    private static final int TOO_MANY = 429;
    private static final int AWAY = 503;
    /** What stands between here and the server says that it does not answer, or has no time. */
    private static final Set<Integer> LOST = Set.of(502, AWAY, 504, TOO_MANY);

    private final WebhookSettings settings;
    private final BooleanSupplier leads;
    private final HttpClient http;

    /**
     * An answer.
     *
     * @param status of HTTP
     * @param body as JSON has it
     */
    record Answer(int status, byte[] body) {}

    /**
     * A client of a server that need not be there yet.
     *
     * @param leads whether something may be changed at a moment
     * @throws IOException if the certificates cannot be read
     */
    WebhookClient(WebhookSettings settings, BooleanSupplier leads) throws IOException {
        this.settings = settings;
        this.leads = leads;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(settings.timeout());
        Path authority = settings.certificateAuthority();
        http = (authority == null ? builder : builder.sslContext(Trust.of(authority))).build();
    }

    /**
     * Sends a request.
     *
     * @param path with its query, escaped, from the slash on
     * @param body null for none
     * @param expected the statuses that are an answer
     * @throws CloudException if there is none
     */
    Answer send(String method, String path, @Nullable Object body, Set<Integer> expected) {
        boolean repeatable = !method.equals("POST");
        for (int tries = 0; ; tries++) {
            boolean last = !repeatable || tries >= settings.retries();
            String lost;
            if (!method.equals("GET") && !leads.getAsBoolean()) {
                // A process that was stopped for a while, say, would go on where another one has gone on since.
                throw new CloudException(
                        "this process does not lead any more: " + method + ' ' + path + " is not sent");
            }
            try {
                HttpResponse<byte[]> response = exchange(request(method, path, body));
                if (expected.contains(response.statusCode())) {
                    return new Answer(response.statusCode(), response.body());
                }
                CloudException refusal = refusal(method, path, response);
                if (last || !LOST.contains(response.statusCode()) || refusal.retryAfter() != null) {
                    throw refusal;
                }
                lost = String.valueOf(refusal.getMessage());
            } catch (IOException e) {
                lost = method + ' ' + settings.url() + path + ": " + (e.getMessage() == null ? e : e.getMessage());
                if (last) {
                    throw new CloudException(
                            repeatable ? lost : lost + "; whether it was done is not known, and looked at next time",
                            e);
                }
            }
            LOG.debug("sent again: {}", lost);
            pause(tries);
        }
    }

    private HttpRequest request(String method, String path, @Nullable Object body) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(settings.url() + path))
                .timeout(settings.timeout())
                .header("Accept", "application/json")
                .header("User-Agent", "keelson-cloud-controller-manager");
        if (body == null) {
            request.method(method, BodyPublishers.noBody());
        } else {
            request.method(method, BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
                    .header("Content-Type", "application/json");
        }
        Path tokenFile = settings.tokenFile();
        return (tokenFile == null ? request : request.header("Authorization", "Bearer " + token(tokenFile))).build();
    }

    private static String token(Path file) {
        try (var in = Files.newInputStream(file)) {
            String token = new String(in.readNBytes(TOKEN_BYTES_MAX), StandardCharsets.UTF_8).strip();
            if (token.isEmpty() || !token.chars().allMatch(letter -> letter > ' ' && letter < 127)) {
                throw new CloudException(file + " has no bearer token in it");
            }
            return token;
        } catch (IOException e) {
            throw new CloudException("the bearer token in " + file + " cannot be read: " + e, e);
        }
    }

    private HttpResponse<byte[]> exchange(HttpRequest request) throws IOException {
        CompletableFuture<HttpResponse<byte[]>> answer =
                http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), ANSWER_BYTES_MAX));
        try {
            // The client's own limit ends with the headers; a body may come byte by byte.
            return answer.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException("no answer within " + settings.timeout().toMillis() + " ms", e);
        } catch (ExecutionException e) {
            throw new IOException(words(e.getCause()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CloudException("interrupted while " + settings.url() + " was asked", e);
        } finally {
            answer.cancel(true);
        }
    }

    private static String words(@Nullable Throwable problem) {
        if (problem == null) {
            return "failed";
        }
        String message = problem.getMessage();
        return message == null ? problem.getClass().getSimpleName() : message;
    }

    private CloudException refusal(String method, String path, HttpResponse<byte[]> response) {
        String message = "";
        try {
            Contract.Problem error = JSON.readValue(response.body(), Contract.Problem.class);
            message = error == null || error.message() == null ? "" : ": " + error.message();
        } catch (IOException e) {
            // Not from the server itself, but from what stands in between: its status says enough.
            LOG.debug("{} {}: no JSON", method, path);
        }
        String text =
                message.length() > MESSAGE_LENGTH_MAX ? message.substring(0, MESSAGE_LENGTH_MAX) + "..." : message;
        return new CloudException(
                method + ' ' + settings.url() + path + ": status " + response.statusCode() + text,
                null,
                retryAfter(response));
    }

    private static @Nullable Duration retryAfter(HttpResponse<?> response) {
        if (response.statusCode() != TOO_MANY && response.statusCode() != AWAY) {
            return null;
        }
        String seconds = response.headers().firstValue("Retry-After").orElse("");
        return seconds.matches("[0-9]{1,9}")
                ? Duration.ofSeconds(Math.clamp(Long.parseLong(seconds), 1, RETRY_AFTER_SECONDS_MAX))
                : null;
    }

    private static void pause(int tries) {
        long most = PAUSE_MILLIS << Math.min(tries, PAUSE_DOUBLINGS_MAX);
        try {
            // Not all at the same moment.
            Thread.sleep(ThreadLocalRandom.current().nextLong(most / 2, most + 1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CloudException("interrupted between two tries", e);
        }
    }

    /**
     * Whether an answer is that there is no such thing. What is believed to be gone costs a Node its life, and a load
     * balancer is left behind for good: so a 404 that does not say so itself, from a wrong path or something in
     * between, is none.
     *
     * @throws CloudException if it is none
     */
    boolean isAbsent(Answer answer) {
        if (answer.status() != HttpURLConnection.HTTP_NOT_FOUND) {
            return false;
        }
        if (!Contract.NOT_FOUND.equals(read(answer, Contract.Problem.class).reason())) {
            throw new CloudException(settings.url() + ": status 404 without the reason " + Contract.NOT_FOUND
                    + ", which is no answer: is the url the right one, and is there something in between?");
        }
        return true;
    }

    /**
     * What an answer says.
     *
     * @throws CloudException if it is not what the contract says
     */
    <T> T read(Answer answer, Class<T> type) {
        try {
            T value = JSON.readValue(answer.body(), type);
            if (value != null) {
                return value;
            }
        } catch (JsonProcessingException e) {
            throw new CloudException(
                    settings.url() + ": the answer is not as the contract has it: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new CloudException(settings.url() + ": the answer is not as the contract has it: " + e, e);
        }
        throw new CloudException(settings.url() + ": the answer is empty");
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
