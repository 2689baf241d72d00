package io.keelson.dist.up.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.keelson.agent.cri.RuntimeChoice;
import io.keelson.agent.network.NetworkSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Reads what a node would use, and what is left of earlier ones. */
final class NodeReader {
    private static final String PLUGIN_SETTINGS = "etc/cni/net.d";

    /** No certificate and no program of this project is older. */
    private static final Instant FIRST = Instant.parse("2025-09-01T00:00:00Z");

    private final KernelFiles files;
    private final Path folder;
    private final boolean runs;
    private final InstantSource clock;

    /**
     * Reads with a cluster's folder.
     *
     * @param runs whether the cluster runs: what is there is not left then
     */
    NodeReader(KernelFiles files, Path folder, boolean runs, InstantSource clock) {
        this.clock = clock;
        this.files = files;
        this.folder = folder;
        this.runs = runs;
    }

    Facts.Node read(RuntimeChoice runtime) {
        Optional<String> settings = files.names(PLUGIN_SETTINGS).stream()
                .filter(name -> name.matches(".*\\.(conf|conflist|json)"))
                .findFirst();
        long hardware = files.number("sys/class/rtc/rtc0/since_epoch");
        return new Facts.Node(
                MachineReader.programs(NodeJudge.PROGRAMS, System.getenv().getOrDefault("PATH", "")),
                runtime,
                settings.map(name -> files.at(PLUGIN_SETTINGS).resolve(name)),
                settings.map(name -> missing(PLUGIN_SETTINGS + "/" + name)).orElse(Set.of()),
                clock.instant(),
                hardware < 0 ? Optional.empty() : Optional.of(Instant.ofEpochSecond(hardware)),
                notBefore(),
                files.exists("run/systemd/timesync")
                        ? Optional.of(files.exists("run/systemd/timesync/synchronized"))
                        : Optional.empty(),
                runs ? List.of() : remains());
    }

    /** Plugins that a configuration names and that are not there; none if it cannot be understood. */
    Set<String> missing(String settings) {
        Set<String> missing = new TreeSet<>();
        try {
            JsonNode whole = new ObjectMapper().readTree(files.text(settings).orElse(""));
            List<JsonNode> plugins = new ArrayList<>();
            whole.path("plugins").forEach(plugins::add);
            if (plugins.isEmpty()) {
                plugins.add(whole);
            }
            for (JsonNode plugin : plugins) {
                String type = plugin.path("type").asText("");
                if (type.matches("[A-Za-z0-9._-]{1,64}")
                        && NetworkSettings.PLUGINS.stream().noneMatch(place -> isProgram(place.resolve(type)))) {
                    missing.add(type);
                }
            }
        } catch (IOException e) {
            return Set.of("(" + settings + " is no JSON)");
        }
        return missing;
    }

    /** @param path absolute, as on the machine that is looked at */
    private boolean isProgram(Path path) {
        return Files.isExecutable(files.at(path.toString().substring(1)));
    }

    /** Of the cluster in the folder, or of the one that this machine has joined. */
    private Instant notBefore() {
        return Stream.of("pki/ca.crt", "node/client-ca.crt")
                .map(name -> begin(folder.resolve(name)))
                .reduce(FIRST, (one, other) -> one.isAfter(other) ? one : other);
    }

    private static Instant begin(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificate(in)
                            instanceof X509Certificate certificate
                    ? certificate.getNotBefore().toInstant()
                    : FIRST;
        } catch (IOException | GeneralSecurityException e) {
            // No cluster yet, or not this user's.
            return FIRST;
        }
    }

    List<String> remains() {
        List<String> remains = new ArrayList<>();
        long shims = files.names("proc").stream()
                .filter(name -> name.matches("\\d{1,10}"))
                .filter(name -> files.text("proc/" + name + "/cmdline")
                        .orElse("")
                        .matches("(?s)[^\\x00]*/keelson-shim-[0-9a-f]{16}\\x00pod\\x00.*"))
                .count();
        if (shims > 0) {
            remains.add(shims + (shims == 1 ? " pod that runs" : " pods that run"));
        }
        files.names("sys/class/net").stream()
                .filter(name -> name.matches("keelson0|keelson-svc|keelson-local|kl[0-9a-f]{12}"))
                .forEach(name -> remains.add("interface " + name));
        for (String place : List.of("run/keelson", "var/lib/keelson/runtime/sandboxes")) {
            if (!files.names(place).isEmpty()) {
                remains.add("/" + place);
            }
        }
        return remains;
    }
}
