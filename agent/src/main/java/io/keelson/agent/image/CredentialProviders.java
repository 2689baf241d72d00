package io.keelson.agent.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.controllers.objects.GoDuration;
import io.keelson.controllers.process.ConfigurationText;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Programs that say who may pull images, as a {@code CredentialProviderConfig} names them
 * ({@code --image-credential-provider-config}): those of clouds, whose passwords are good for some hours. Who fails is
 * told of in the log, and the others are asked all the same.
 */
public final class CredentialProviders {
    private static final Logger LOG = LoggerFactory.getLogger(CredentialProviders.class);
    private static final ConfigurationText TEXT =
            new ConfigurationText("CredentialProviderConfig", "kubelet.config.k8s.io/v1", "failed to decode");
    private static final Set<String> VERSIONS = Set.of(
            "credentialprovider.kubelet.k8s.io/v1",
            "credentialprovider.kubelet.k8s.io/v1beta1",
            "credentialprovider.kubelet.k8s.io/v1alpha1");
    private static final Set<String> FIELDS =
            Set.of("name", "matchImages", "defaultCacheDuration", "apiVersion", "args", "env");

    private final List<CredentialProvider> all;

    private CredentialProviders(List<CredentialProvider> all) {
        this.all = List.copyOf(all);
    }

    /** None. */
    public static CredentialProviders none() {
        return new CredentialProviders(List.of());
    }

    /**
     * Those that a file names.
     *
     * @param folder where the programs are
     * @throws IOException if the file, or one of the programs, is not there
     * @throws IllegalArgumentException if the file makes no sense; the message says where
     */
    public static CredentialProviders read(Path file, Path folder, Time time) throws IOException {
        ObjectNode config;
        try {
            config = TEXT.read(file);
        } catch (IOException e) {
            throw new IOException("--image-credential-provider-config: " + file + " cannot be read: " + e, e);
        } catch (IllegalArgumentException e) {
            throw wrong(file, String.valueOf(e.getMessage()), e);
        }
        List<CredentialProvider> all = new ArrayList<>();
        Set<String> names = new HashSet<>();
        JsonNode providers = config.path("providers");
        if (providers.isEmpty()) {
            throw wrong(file, "providers: at least 1 item is required", null);
        }
        for (int i = 0; i < providers.size(); i++) {
            String where = "providers[" + i + "]";
            CredentialProvider.Settings settings;
            try {
                settings = settings(providers.get(i));
            } catch (IllegalArgumentException e) {
                throw wrong(file, where + '.' + e.getMessage(), e);
            }
            if (!names.add(settings.name())) {
                throw wrong(file, where + ".name: \"" + settings.name() + "\" is there twice", null);
            }
            Path program = folder.resolve(settings.name());
            if (!Files.isExecutable(program) || Files.isDirectory(program)) {
                throw new IOException("--image-credential-provider-bin-dir: there is no program " + program);
            }
            all.add(new CredentialProvider(settings, folder, time));
        }
        return new CredentialProviders(all);
    }

    private static IllegalArgumentException wrong(Path file, String what, @Nullable Exception cause) {
        return new IllegalArgumentException("--image-credential-provider-config: " + file + ": " + what, cause);
    }

    private static CredentialProvider.Settings settings(JsonNode provider) {
        provider.fieldNames().forEachRemaining(field -> {
            if (field.equals("tokenAttributes")) {
                throw new IllegalArgumentException(
                        "tokenAttributes: cannot be had: tokens of service accounts are not given to providers");
            }
            if (!FIELDS.contains(field)) {
                throw new IllegalArgumentException(field + ": unknown field");
            }
        });
        String name = provider.path("name").asText("");
        if (name.isEmpty() || name.equals(".") || name.equals("..") || name.contains("/") || name.contains(" ")) {
            throw new IllegalArgumentException("name: \"" + name + "\" is no name of a program");
        }
        List<String> images = new ArrayList<>();
        provider.path("matchImages").forEach(pattern -> images.add(pattern.asText()));
        if (images.isEmpty()) {
            throw new IllegalArgumentException("matchImages: at least 1 item is required");
        }
        String version = provider.path("apiVersion").asText("");
        if (!VERSIONS.contains(version)) {
            throw new IllegalArgumentException("apiVersion: \"" + version + "\" is none of "
                    + String.join(", ", VERSIONS.stream().sorted().toList()));
        }
        if (!provider.path("defaultCacheDuration").isTextual()) {
            throw new IllegalArgumentException("defaultCacheDuration: is required");
        }
        Duration kept;
        try {
            kept = GoDuration.length(provider.path("defaultCacheDuration").asText());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("defaultCacheDuration: " + e.getMessage(), e);
        }
        if (kept.isNegative()) {
            throw new IllegalArgumentException("defaultCacheDuration: must be 0 or more");
        }
        List<String> arguments = new ArrayList<>();
        provider.path("args").forEach(argument -> arguments.add(argument.asText()));
        Map<String, String> environment = new LinkedHashMap<>();
        provider.path("env")
                .forEach(variable -> environment.put(
                        variable.path("name").asText(""), variable.path("value").asText("")));
        return new CredentialProvider.Settings(name, images, kept, version, arguments, environment);
    }

    /** Who may pull an image, as all say that are for it. */
    List<RegistryLogin> of(ImageName image) throws InterruptedException {
        List<RegistryLogin> found = new ArrayList<>();
        for (CredentialProvider provider : all) {
            if (provider.isFor(image)) {
                try {
                    found.addAll(provider.of(image));
                } catch (IOException e) {
                    LOG.error(
                            "credential provider {} says nobody for {}: {}",
                            provider.name(),
                            image.repository(),
                            e.getMessage());
                }
            }
        }
        return found;
    }
}
