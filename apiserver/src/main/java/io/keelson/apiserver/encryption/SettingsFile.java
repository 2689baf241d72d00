package io.keelson.apiserver.encryption;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.encryption.Settings.Algorithm;
import io.keelson.apiserver.encryption.Settings.ProviderSettings;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Yaml;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.schema.Durations;
import io.keelson.apiserver.validation.FieldError;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads an EncryptionConfiguration, and says what is wrong with one in the words of the original, but for its secrets. */
final class SettingsFile {
    private static final FieldPath ROOT = FieldPath.of("resources");
    private static final Duration TIMEOUT = Duration.ofSeconds(3);
    private static final Set<String> PROVIDERS = Set.of("aesgcm", "aescbc", "secretbox", "identity", "kms");
    private static final Set<String> NO_OBJECTS =
            Set.of("apiserveripinfo", "serviceipallocations", "servicenodeportallocations");

    private final String name;
    private final FieldErrors errors = new FieldErrors();
    private final List<String> unknown = new ArrayList<>();
    private final Set<String> plugins = new HashSet<>();

    private SettingsFile(String name) {
        this.name = name;
    }

    /**
     * Reads it.
     *
     * @param name of the file, for errors
     * @throws EncryptionException if it is none, or not a right one
     */
    static Settings read(String name, byte[] yaml) throws EncryptionException {
        return new SettingsFile(name).read(yaml);
    }

    private Settings read(byte[] yaml) throws EncryptionException {
        if (yaml.length == 0) {
            throw new EncryptionException("encryption provider configuration file \"" + name + "\" is empty");
        }
        List<String> duplicates = new ArrayList<>();
        ObjectNode file;
        try {
            file = Yaml.parseObject(yaml, duplicates);
        } catch (MalformedException e) {
            throw undecodable(e.message(), e);
        }
        String kind = ObjectMeta.kind(file);
        String version = ObjectMeta.apiVersion(file);
        boolean known = version.equals("apiserver.config.k8s.io/v1") || version.equals("v1");
        if (!known || !(kind.equals("EncryptionConfiguration") || kind.equals("EncryptionConfig"))) {
            throw undecodable("no kind \"" + kind + "\" is registered for version \"" + version + "\"", null);
        }
        only(file, "", "apiVersion", "kind", "resources");
        List<Settings.Rule> rules = new ArrayList<>();
        JsonNode list = file.path("resources");
        if (list.isEmpty()) {
            errors.required(ROOT, "at least one resources is required");
        }
        for (int i = 0; i < list.size(); i++) {
            rules.add(rule(list.get(i), ROOT.index(i)));
        }
        duplicates.forEach(unknown::add);
        if (!unknown.isEmpty()) {
            throw undecodable("strict decoding error: " + String.join(", ", unknown), null);
        }
        if (!errors.isEmpty()) {
            List<FieldError> all = errors.list();
            throw new EncryptionException(
                    all.size() == 1
                            ? all.getFirst().toString()
                            : all.stream()
                                    .map(FieldError::toString)
                                    .distinct()
                                    .collect(Collectors.joining(", ", "[", "]")));
        }
        return new Settings(rules);
    }

    private EncryptionException undecodable(String why, @Nullable Throwable cause) {
        return new EncryptionException(
                "error decoding encryption provider configuration file \"" + name + "\": " + why, cause);
    }

    private void only(JsonNode object, String path, String... fields) {
        Set<String> known = Set.of(fields);
        object.propertyStream()
                .map(field -> field.getKey())
                .filter(field -> !known.contains(field))
                .forEach(field -> unknown.add("unknown field \"" + path + field + "\""));
    }

    private Settings.Rule rule(JsonNode rule, FieldPath path) {
        only(rule, path + ".", "resources", "providers");
        FieldPath resources = path.child("resources");
        FieldPath providers = path.child("providers");
        List<String> names = new ArrayList<>();
        rule.path("resources").forEach(text -> names.add(text.asText("")));
        if (names.isEmpty()) {
            errors.required(resources, "at least one " + resources + " is required");
        }
        overlap(names, rule.path("resources"), resources);
        for (int i = 0; i < names.size(); i++) {
            resource(names.get(i), resources.index(i));
        }
        JsonNode list = rule.path("providers");
        if (list.isEmpty()) {
            errors.required(providers, "at least one " + providers + " is required");
        }
        List<ProviderSettings> read = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            ProviderSettings provider = provider(list.get(i), providers.index(i));
            if (provider != null) {
                read.add(provider);
            }
        }
        return new Settings.Rule(names, read);
    }

    private void overlap(List<String> names, JsonNode shown, FieldPath path) {
        List<GroupResource> parsed = names.stream().map(ResourceRules::parse).toList();
        if (new HashSet<>(parsed).size() < parsed.size()) {
            errors.invalid(path, shown, "the same resource cannot be specified multiple times");
        }
        for (GroupResource one : parsed) {
            for (GroupResource other : parsed) {
                boolean all = one.group().equals("*") && one.resource().equals("*");
                boolean group =
                        one.group().equals(other.group()) && one.resource().equals("*");
                if (!one.equals(other) && (all || group)) {
                    errors.invalid(
                            path,
                            shown,
                            "using overlapping resources such as 'secrets' and '*.' in the same resource list is not"
                                    + " allowed as they will be masked");
                    return;
                }
            }
        }
    }

    private void resource(String text, FieldPath path) {
        GroupResource parsed = ResourceRules.parse(text);
        String wrong = null;
        if (!text.toLowerCase(Locale.ROOT).equals(text)) {
            wrong = "resource name should not contain capital letters";
        } else if (text.equals("*")) {
            wrong = "use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources";
        } else if (NO_OBJECTS.contains(text)) {
            wrong = "resources which do not have REST API/s cannot be encrypted";
        } else if (parsed.group().equals("events.k8s.io")) {
            wrong =
                    "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the"
                            + " config file";
        } else if (parsed.group().equals("extensions")) {
            wrong = "'extensions' group has been removed and cannot be used for encryption";
        } else if (parsed.group().equals("*") && !parsed.resource().equals("*")) {
            wrong = "encrypting the same resource across groups is not supported";
        }
        if (wrong != null) {
            errors.invalid(path, text, wrong);
        }
    }

    private @Nullable ProviderSettings provider(JsonNode provider, FieldPath path) {
        only(provider, path + ".", PROVIDERS.toArray(String[]::new));
        List<String> present = provider.propertyStream()
                .filter(field -> !field.getValue().isNull() && PROVIDERS.contains(field.getKey()))
                .map(field -> field.getKey())
                .sorted()
                .toList();
        if (present.isEmpty()) {
            errors.invalid(
                    path,
                    "",
                    "provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity");
            return null;
        }
        if (present.size() > 1) {
            errors.invalid(
                    path,
                    String.join(", ", present),
                    "more than one provider specified in a single element, should split into different list elements");
            return null;
        }
        String kind = present.getFirst();
        JsonNode settings = provider.path(kind);
        return switch (kind) {
            case "identity" -> {
                only(settings, path + ".identity.");
                yield new ProviderSettings.Identity();
            }
            case "kms" -> kms(settings, path.child("kms"));
            default -> keys(settings, kind, path.child(kind));
        };
    }

    private ProviderSettings keys(JsonNode settings, String kind, FieldPath path) {
        only(settings, path + ".", "keys");
        Algorithm algorithm = switch (kind) {
            case "aescbc" -> Algorithm.AES_CBC;
            case "aesgcm" -> Algorithm.AES_GCM;
            default -> Algorithm.SECRET_BOX;
        };
        JsonNode list = settings.path("keys");
        FieldPath keysPath = path.child("keys");
        if (list.isEmpty()) {
            errors.required(keysPath, "at least one keys is required");
        }
        List<Settings.Key> keys = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            only(list.get(i), keysPath.index(i) + ".", "name", "secret");
            keys.add(key(list.get(i), algorithm, keysPath.index(i)));
        }
        return new ProviderSettings.Keys(algorithm, keys);
    }

    private Settings.Key key(JsonNode key, Algorithm algorithm, FieldPath path) {
        String keyName = key.path("name").asText("");
        if (keyName.isEmpty()) {
            errors.required(path.child("name"), "name is a mandatory field for a key");
        }
        FieldPath place = path.child("secret");
        String text = key.path("secret").asText("");
        if (text.isEmpty()) {
            errors.required(place, "secret is a mandatory field for a key");
            return new Settings.Key(keyName, new byte[0]);
        }
        byte[] secret;
        try {
            // Line breaks are tolerated, as Go does it.
            secret = Base64.getDecoder().decode(text.replace("\n", "").replace("\r", ""));
        } catch (IllegalArgumentException e) {
            errors.invalid(place, "REDACTED", "secrets must be base64 encoded");
            return new Settings.Key(keyName, new byte[0]);
        }
        if (!algorithm.lengths().contains(secret.length)) {
            String lengths =
                    algorithm.lengths().stream().map(String::valueOf).collect(Collectors.joining(" ", "[", "]"));
            errors.invalid(
                    place,
                    "REDACTED",
                    "secret is not of the expected length, got " + secret.length + ", expected one of " + lengths);
        }
        return new Settings.Key(keyName, secret);
    }

    private ProviderSettings kms(JsonNode settings, FieldPath path) {
        only(settings, path + ".", "apiVersion", "name", "cachesize", "endpoint", "timeout");
        String plugin = settings.path("name").asText("");
        String version = settings.path("apiVersion").asText("v1");
        if (plugin.isEmpty()) {
            errors.required(path.child("name"), "name is a mandatory field for a provider");
        }
        if (!version.equals("v1") && plugin.contains(":")) {
            errors.invalid(
                    path.child("name"), plugin, "invalid KMS provider name " + plugin + ", must not contain ':'");
        }
        if (!plugins.add(plugin)) {
            errors.invalid(
                    path.child("name"), plugin, "duplicate KMS provider name " + plugin + ", names must be unique");
        }
        Duration timeout = timeout(settings.path("timeout"), path.child("timeout"));
        String endpoint = settings.path("endpoint").asText("");
        endpoint(endpoint, path.child("endpoint"));
        if (!version.equals("v1") && settings.hasNonNull("cachesize")) {
            errors.invalid(path.child("cachesize"), settings.get("cachesize"), "cachesize is not supported in v2");
        }
        if (version.equals("v1")) {
            errors.invalid(
                    path.child("apiVersion"),
                    version,
                    "KMSv1 is deprecated and will only receive security updates going forward. Use KMSv2 instead.");
        } else if (!version.equals("v2")) {
            errors.invalid(
                    path.child("apiVersion"),
                    version,
                    "unsupported apiVersion apiVersion for KMS provider, only v1 and v2 are supported");
        }
        return new ProviderSettings.Kms(plugin, endpoint, timeout);
    }

    private Duration timeout(JsonNode text, FieldPath path) {
        if (text.isMissingNode() || text.isNull()) {
            return TIMEOUT;
        }
        try {
            Duration timeout = Durations.parse(text.asText(""));
            if (!timeout.isPositive()) {
                errors.invalid(path, text, "timeout should be a positive value");
            }
            return timeout;
        } catch (MalformedException e) {
            errors.invalid(path, text, e.message());
            return TIMEOUT;
        }
    }

    private void endpoint(String text, FieldPath path) {
        if (text.isEmpty()) {
            errors.invalid(path, "", "endpoint is a mandatory field for a kms");
            return;
        }
        try {
            URI uri = new URI(text);
            String scheme = uri.getScheme() == null ? "" : uri.getScheme();
            if (!scheme.equals("unix")) {
                errors.invalid(
                        path, text, "unsupported scheme \"" + scheme + "\" for KMS provider, only unix is supported");
            }
        } catch (URISyntaxException e) {
            errors.invalid(path, text, "invalid endpoint for kms provider, error: " + e.getMessage());
        }
    }
}
