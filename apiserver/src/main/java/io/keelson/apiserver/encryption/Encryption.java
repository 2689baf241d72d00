package io.keelson.apiserver.encryption;

import io.keelson.apiserver.encryption.Settings.ProviderSettings;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.store.Transformer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The rules of one configuration, and the plugins that they need, which are asked how they are as long as it is open. */
final class Encryption implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Encryption.class);

    private static final Duration GOOD_PAUSE = Duration.ofMinutes(1);
    private static final Duration BAD_PAUSE = Duration.ofSeconds(10);

    private final EncryptionMetrics metrics;
    private final InstantSource clock;
    private final List<KmsService> services = new ArrayList<>();
    private final List<KmsProbe> probes = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private Duration timeouts = Duration.ZERO;
    private ResourceRules rules = new ResourceRules(Map.of());

    private Encryption(EncryptionMetrics metrics, InstantSource clock) {
        this.metrics = metrics;
        this.clock = clock;
    }

    /**
     * Makes what the settings say.
     *
     * @throws EncryptionException if that cannot be; nothing is left open then
     */
    static Encryption open(Settings settings, EncryptionMetrics metrics, InstantSource clock)
            throws EncryptionException {
        Encryption encryption = new Encryption(metrics, clock);
        try {
            encryption.rules = encryption.rules(settings);
            return encryption;
        } catch (EncryptionException | RuntimeException e) {
            encryption.close();
            throw e;
        }
    }

    private ResourceRules rules(Settings settings) throws EncryptionException {
        Map<GroupResource, List<Providers.Provider>> byResource = new LinkedHashMap<>();
        for (Settings.Rule rule : settings.rules()) {
            List<Providers.Provider> providers = new ArrayList<>();
            for (ProviderSettings provider : rule.providers()) {
                providers.add(provider(provider));
            }
            for (String text : rule.resources()) {
                GroupResource resource = ResourceRules.parse(text);
                masked(resource, new GroupResource(resource.group(), ResourceRules.ANY), byResource);
                masked(resource, new GroupResource(ResourceRules.ANY, ResourceRules.ANY), byResource);
                byResource.computeIfAbsent(resource, _ -> new ArrayList<>()).addAll(providers);
            }
        }
        Map<GroupResource, Transformer> transformers = new HashMap<>();
        byResource.forEach((resource, providers) ->
                transformers.put(resource, new Providers(providers, "no matching prefix found")));
        return new ResourceRules(transformers);
    }

    private static void masked(
            GroupResource resource, GroupResource by, Map<GroupResource, List<Providers.Provider>> earlier)
            throws EncryptionException {
        if (earlier.containsKey(by)) {
            throw new EncryptionException("error while building transformers: resource \""
                    + ResourceRules.text(resource) + "\" is masked by earlier rule \"" + ResourceRules.text(by) + "\"");
        }
    }

    private Providers.Provider provider(ProviderSettings settings) throws EncryptionException {
        return switch (settings) {
            case ProviderSettings.Identity _ -> Providers.Provider.of("", Transformer.IDENTITY);
            case ProviderSettings.Keys keys -> {
                List<Providers.Provider> byName = new ArrayList<>();
                for (Settings.Key key : keys.keys()) {
                    byName.add(Providers.Provider.of(key.name() + ":", transformer(keys.algorithm(), key.secret())));
                }
                String what = keys.algorithm() == Settings.Algorithm.SECRET_BOX ? "Secretbox" : "AES";
                yield Providers.Provider.of(
                        "k8s:enc:" + keys.algorithm().text() + ":v1:",
                        new Providers(byName, "no matching key was found for the provided " + what + " transformer"));
            }
            case ProviderSettings.Kms kms -> {
                EncryptionMetrics.Plugin counted = metrics.plugin(kms.name());
                KmsService service = KmsPlugin.at(kms.endpoint(), kms.timeout(), counted);
                services.add(service);
                timeouts = timeouts.plus(kms.timeout());
                KmsProbe probe = new KmsProbe(kms.name(), service, counted, clock);
                probes.add(probe);
                boolean well = look(kms.name(), probe);
                threads.add(Thread.ofVirtual().name("kms " + kms.name()).start(() -> ask(kms.name(), probe, well)));
                yield Providers.Provider.of(
                        "k8s:enc:kms:v2:" + kms.name() + ":", new KmsEnvelope(service, probe, counted, clock));
            }
        };
    }

    private static Transformer transformer(Settings.Algorithm algorithm, byte[] secret) {
        return switch (algorithm) {
            case AES_CBC -> new AesCbc(secret);
            case AES_GCM -> new AesGcm(secret);
            case SECRET_BOX -> new SecretBox(secret);
        };
    }

    private static void ask(String name, KmsProbe probe, boolean wellAtFirst) {
        try {
            boolean well = wellAtFirst;
            while (true) {
                Thread.sleep(well ? GOOD_PAUSE : BAD_PAUSE);
                try {
                    well = look(name, probe);
                } catch (RuntimeException | Error e) {
                    // Nobody else has to ask it, and without an answer nothing can be written soon.
                    log.error("the KMS plugin {} could not be asked; again in a moment", name, e);
                    well = false;
                }
            }
        } catch (InterruptedException e) {
            // Closed.
            Thread.currentThread().interrupt();
        }
    }

    private static boolean look(String name, KmsProbe probe) {
        String problem = probe.check();
        if (problem != null) {
            log.warn("the KMS plugin {} is not well: {}", name, problem);
        }
        return problem == null;
    }

    ResourceRules rules() {
        return rules;
    }

    boolean usesPlugins() {
        return !probes.isEmpty();
    }

    /** How long calls under way may take after nobody makes new ones: twice what all plugins may. */
    Duration patience() {
        return timeouts.multipliedBy(2);
    }

    /** What is wrong with the plugins; null if nothing is. */
    @Nullable
    String problem() {
        List<String> problems = new ArrayList<>();
        for (int i = 0; i < probes.size(); i++) {
            String problem = probes.get(i).check();
            if (problem != null) {
                problems.add("kms-provider-" + i + ": " + problem);
            }
        }
        if (problems.isEmpty()) {
            return null;
        }
        return problems.size() == 1 ? problems.getFirst() : "[" + String.join(", ", problems) + "]";
    }

    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
        services.forEach(KmsService::close);
    }
}
