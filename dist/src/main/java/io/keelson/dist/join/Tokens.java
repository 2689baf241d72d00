package io.keelson.dist.join;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.agent.join.JoinToken;
import io.keelson.controllers.objects.OrEmpty;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The tokens of a cluster: Secrets {@code bootstrap-token-ID} in {@code kube-system}. */
final class Tokens {
    private static final String NAMESPACE = "kube-system";
    private static final String PREFIX = "bootstrap-token-";
    private static final String TYPE = "bootstrap.kubernetes.io/token";
    private static final String USAGE = "usage-bootstrap-";
    private static final String TRUE = "true";

    private final KubernetesClient client;

    /**
     * A token as the cluster has it.
     *
     * @param end empty for never
     * @param usages {@code authentication}, {@code signing}
     * @param groups that its users are in besides
     */
    record Known(JoinToken token, Optional<Instant> end, List<String> usages, String description, List<String> groups) {
        Known {
            usages = List.copyOf(usages);
            groups = List.copyOf(groups);
        }
    }

    Tokens(KubernetesClient client) {
        this.client = client;
    }

    /** Makes one. */
    void create(Known wanted) {
        Map<String, String> data = new LinkedHashMap<>();
        data.put("token-id", wanted.token().id());
        data.put("token-secret", wanted.token().secret());
        wanted.end().ifPresent(end -> data.put("expiration", end.toString()));
        wanted.usages().forEach(usage -> data.put(USAGE + usage, TRUE));
        if (!wanted.description().isEmpty()) {
            data.put("description", wanted.description());
        }
        if (!wanted.groups().isEmpty()) {
            data.put("auth-extra-groups", String.join(",", wanted.groups()));
        }
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(NAMESPACE)
                        .withName(PREFIX + wanted.token().id())
                        .endMetadata()
                        .withType(TYPE)
                        .withStringData(data)
                        .build())
                .create();
    }

    /** All that can be used, by their ids. */
    List<Known> list() {
        List<Known> all = new ArrayList<>();
        client.secrets()
                .inNamespace(NAMESPACE)
                .withField("type", TYPE)
                .list()
                .getItems()
                .forEach(secret -> known(secret).ifPresent(all::add));
        all.sort((one, other) -> one.token().id().compareTo(other.token().id()));
        return all;
    }

    private static Optional<Known> known(Secret secret) {
        JoinToken token;
        Optional<Instant> end;
        try {
            token = JoinToken.parse(data(secret, "token-id") + '.' + data(secret, "token-secret"));
            String expiration = data(secret, "expiration");
            end = expiration.isEmpty()
                    ? Optional.empty()
                    : Optional.of(OffsetDateTime.parse(expiration).toInstant());
        } catch (IllegalArgumentException | DateTimeException e) {
            // Somebody else's, that nobody can join by.
            return Optional.empty();
        }
        List<String> usages = OrEmpty.of(secret.getData()).keySet().stream()
                .filter(name -> name.startsWith(USAGE) && data(secret, name).equals(TRUE))
                .map(name -> name.substring(USAGE.length()))
                .sorted()
                .toList();
        String groups = data(secret, "auth-extra-groups");
        return Optional.of(new Known(
                token,
                end,
                usages,
                data(secret, "description"),
                groups.isEmpty() ? List.of() : List.of(groups.split(",", -1))));
    }

    private static String data(Secret secret, String name) {
        byte[] bytes = Base64.getDecoder()
                .decode(OrEmpty.of(OrEmpty.of(secret.getData()).get(name)));
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /**
     * Takes one away.
     *
     * @return whether it was there
     */
    boolean delete(String id) {
        return !client.secrets()
                .inNamespace(NAMESPACE)
                .withName(PREFIX + id)
                .delete()
                .isEmpty();
    }
}
