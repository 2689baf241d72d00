package io.keelson.agent.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.agent.network.BoundedProgram;
import io.keelson.controllers.objects.GoDuration;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A program that says who may pull which images: it is given the name of an image, as a {@code CredentialProviderRequest},
 * and answers with a {@code CredentialProviderResponse} of {@code credentialprovider.kubelet.k8s.io}. What it says is kept
 * as long as it says, for the image, its registry, or all images. Asked one after the other; any thread.
 */
final class CredentialProvider {
    private static final Duration TIME_MAX = Duration.ofMinutes(1);
    private static final int ANSWERS_MAX = 1000;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Settings settings;
    private final Path program;
    private final Time time;
    private final ReentrantLock turn = new ReentrantLock();
    /** By what they are for; the oldest first. */
    private final Map<String, Kept> answers = new LinkedHashMap<>();

    /**
     * How one is used.
     *
     * @param name of the program, in the folder of such programs
     * @param images patterns of those that it is asked for
     * @param kept how long its answers are kept unless it says so itself
     * @param apiVersion how it is spoken to
     * @param environment what it gets besides the agent's own
     */
    record Settings(
            String name,
            List<String> images,
            Duration kept,
            String apiVersion,
            List<String> arguments,
            Map<String, String> environment) {
        Settings {
            images = List.copyOf(images);
            arguments = List.copyOf(arguments);
            environment = Map.copyOf(environment);
        }
    }

    private record Kept(Instant until, RegistryLogins logins) {}

    /** @param folder where the program is */
    CredentialProvider(Settings settings, Path folder, Time time) {
        this.settings = settings;
        program = folder.resolve(settings.name());
        this.time = time;
    }

    String name() {
        return settings.name();
    }

    boolean isFor(ImageName image) {
        return settings.images().stream()
                .anyMatch(pattern -> HostPattern.parse(pattern).matches(image.repository()));
    }

    /**
     * Who may pull an image, as the program says.
     *
     * @throws IOException if it cannot be run, fails, or says what it may not; without what is secret
     */
    List<RegistryLogin> of(ImageName image) throws IOException, InterruptedException {
        turn.lockInterruptibly();
        try {
            Instant now = time.steady();
            answers.values().removeIf(answer -> !answer.until().isAfter(now));
            for (String key : List.of(Scope.IMAGE.key(image), Scope.REGISTRY.key(image), Scope.GLOBAL.key(image))) {
                Kept known = answers.get(key);
                if (known != null) {
                    return known.logins().of(image);
                }
            }
            return ask(image, now).of(image);
        } finally {
            turn.unlock();
        }
    }

    /** For which images an answer is. */
    private enum Scope {
        IMAGE,
        REGISTRY,
        GLOBAL;

        static Scope of(String said) throws IOException {
            return switch (said) {
                case "Image" -> IMAGE;
                case "Registry" -> REGISTRY;
                case "Global" -> GLOBAL;
                default ->
                    throw new IOException("its cacheKeyType is \"" + said + "\", and not Image, Registry or Global");
            };
        }

        String key(ImageName image) {
            return switch (this) {
                case IMAGE -> "image " + image.qualified();
                case REGISTRY -> "registry " + image.registry();
                case GLOBAL -> "global";
            };
        }
    }

    private RegistryLogins ask(ImageName image, Instant now) throws IOException, InterruptedException {
        ObjectNode request = JSON.createObjectNode()
                .put("apiVersion", settings.apiVersion())
                .put("kind", "CredentialProviderRequest")
                .put("image", image.qualified());
        List<String> command = new ArrayList<>();
        command.add(program.toString());
        command.addAll(settings.arguments());
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.putAll(settings.environment());
        BoundedProgram.Result result = BoundedProgram.run(command, environment, request.toString(), TIME_MAX);
        if (result.code() != 0) {
            throw new IOException("exit status " + result.code() + ": " + BoundedProgram.excerpt(result.errors()));
        }
        JsonNode answer = read(result.output());
        Scope scope = Scope.of(answer.path("cacheKeyType").asText(""));
        Duration kept = kept(answer.path("cacheDuration"));
        RegistryLogins logins = new RegistryLogins();
        for (Map.Entry<String, JsonNode> entry : answer.path("auth").properties()) {
            logins.add(
                    entry.getKey(),
                    new RegistryLogin(
                            entry.getValue().path("username").asText(""),
                            entry.getValue().path("password").asText(""),
                            Optional.empty()));
        }
        if (kept.isPositive()) {
            answers.put(scope.key(image), new Kept(now.plus(kept), logins));
            if (answers.size() > ANSWERS_MAX) {
                answers.remove(answers.keySet().iterator().next());
            }
        }
        return logins;
    }

    private JsonNode read(String text) throws IOException {
        JsonNode answer;
        try {
            answer = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            // The library's own words, and the cause, would quote what is secret.
            throw new IOException("its answer is not JSON");
        }
        if (!answer.path("kind").asText().equals("CredentialProviderResponse")
                || !answer.path("apiVersion").asText().equals(settings.apiVersion())) {
            throw new IOException("its answer is no CredentialProviderResponse of " + settings.apiVersion());
        }
        return answer;
    }

    private Duration kept(JsonNode said) throws IOException {
        if (said.isMissingNode() || said.isNull()) {
            return settings.kept();
        }
        try {
            return GoDuration.length(said.asText());
        } catch (IllegalArgumentException e) {
            throw new IOException("its cacheDuration: " + e.getMessage(), e);
        }
    }
}
