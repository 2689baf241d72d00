package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.certificates.KeyPairs;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import io.keelson.apiserver.validation.Place;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Secrets. What is written as text in {@code stringData} is kept with the rest, in base64. */
public final class SecretStrategy implements Strategy {
    private static final String ACCOUNT_ANNOTATION = "kubernetes.io/service-account.name";

    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public void applyDefaults(ObjectNode secret) {
        Fill.text(secret, "type", "Opaque");
        JsonNode texts = secret.remove("stringData");
        if (texts instanceof ObjectNode map && !map.isEmpty()) {
            ObjectNode data = Fill.object(secret, "data");
            map.properties()
                    .forEach(entry -> data.put(
                            entry.getKey(),
                            Base64.getEncoder()
                                    .encodeToString(entry.getValue().asText("").getBytes(StandardCharsets.UTF_8))));
        }
    }

    @Override
    public void validate(ObjectNode secret, FieldErrors errors) {
        Place whole = Place.of(secret, errors);
        Place data = whole.at("data");
        long size = 0;
        for (Place entry : data.entries()) {
            Entries.key(entry);
            size += Entries.decodedBytes(entry);
        }
        if (size > Entries.BYTES_MAX) {
            data.tooLong(Entries.BYTES_MAX);
        }
        switch (whole.at("type").text()) {
            case "kubernetes.io/service-account-token" -> {
                if (whole.at("metadata", "annotations", ACCOUNT_ANNOTATION).empty()) {
                    errors.required(FieldPath.of("metadata", "annotations").key(ACCOUNT_ANNOTATION), "");
                }
            }
            case "kubernetes.io/dockercfg" -> json(entry(data, ".dockercfg"));
            case "kubernetes.io/dockerconfigjson" -> json(entry(data, ".dockerconfigjson"));
            case "kubernetes.io/basic-auth" -> {
                if (entry(data, "username").absent() && entry(data, "password").absent()) {
                    entry(data, "username").required("");
                    entry(data, "password").required("");
                }
            }
            case "kubernetes.io/ssh-auth" -> entry(data, "ssh-privatekey").mustBeFilled();
            case "kubernetes.io/tls" -> {
                for (String key : new String[] {"tls.crt", "tls.key"}) {
                    if (entry(data, key).absent()) {
                        entry(data, key).required("");
                    }
                }
            }
            default -> {
                // Other types are the business of those who made them up.
            }
        }
    }

    private static Place entry(Place data, String key) {
        return data.at(key).as(data.path().key(key));
    }

    private static void json(Place entry) {
        if (entry.absent()) {
            entry.required("");
            return;
        }
        try {
            Json.parseObject(Base64.getDecoder().decode(entry.text()));
        } catch (MalformedException e) {
            entry.invalid("<secret contents redacted>", e.message());
        } catch (IllegalArgumentException e) {
            // That it is no base64 was said already.
        }
    }

    @Override
    public void validateUpdate(ObjectNode secret, ObjectNode old, FieldErrors errors) {
        Place whole = Place.of(secret, errors);
        whole.at("type").mustEqual(old.path("type"));
        Entries.immutable(whole, old, "data");
    }

    /** A key that does not belong to its certificate is found out when a server starts, which may be much later. */
    @Override
    public void warn(ObjectNode secret, @Nullable ObjectNode old, List<String> warnings) {
        if (secret.path("type").asText("").equals("kubernetes.io/tls")) {
            JsonNode data = secret.path("data");
            String wrong = KeyPairs.wrong(bytes(data.path("tls.crt")), bytes(data.path("tls.key")));
            if (wrong != null) {
                warnings.add(wrong);
            }
        }
    }

    /** Those of a secret that was stored with something else in it are none. */
    private static byte[] bytes(JsonNode base64) {
        try {
            return Base64.getDecoder().decode(base64.asText(""));
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode secret) {
        return Map.of("type", secret.path("type").asText(""));
    }
}
