package io.keelson.agent.certificates;

import io.keelson.controllers.manager.CertifiedKey;
import io.keelson.controllers.process.WholeFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Certificates of one sort with their keys, each pair in a file {@code PREFIX-TIME.pem}; the link {@code
 * PREFIX-current.pem} leads to the newest, as the kubelet has it. The one before is kept, those before it are not.
 */
final class CertificateStore {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateStore.class);
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd-HH-mm-ss", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final String TIME_PATTERN = "-\\d{4}-\\d{2}-\\d{2}-\\d{2}-\\d{2}-\\d{2}\\.pem";

    private final Path folder;
    private final String prefix;

    /** @param prefix {@code kubelet-client} for one */
    CertificateStore(Path folder, String prefix) {
        this.folder = folder;
        this.prefix = prefix;
    }

    /** The link to the file that counts. */
    Path current() {
        return folder.resolve(prefix + "-current.pem");
    }

    /** Where a key is kept until it has its certificate. */
    Path unfinishedKey() {
        return folder.resolve(prefix + ".key.tmp");
    }

    /** The pair that counts; empty if there is none, or what is there is none that can be used. */
    Optional<CertifiedKey> read() {
        Path file = current();
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try {
            return Optional.of(CertifiedKey.read(file, file));
        } catch (IOException e) {
            LOG.warn("{} is not used: {}", file, e.toString());
            return Optional.empty();
        }
    }

    /**
     * Puts a pair in the place of the one that counted.
     *
     * @param chain certificates in PEM, the key's own first
     * @param key in PEM
     * @return the pair
     * @throws IOException if it cannot be written, or the two do not belong together: the one before still counts
     */
    CertifiedKey replace(String chain, String key, Instant now) throws IOException {
        CertifiedKey pair = CertifiedKey.parse(chain, "what was issued", key, "what was made here");
        String name = prefix + "-" + TIME.format(now) + ".pem";
        Path before = Files.isSymbolicLink(current())
                ? Files.readSymbolicLink(current()).getFileName()
                : null;
        WholeFile.writeDurably(folder.resolve(name), chain + (chain.endsWith("\n") ? "" : "\n") + key);
        WholeFile.linkDurably(current(), folder.resolve(prefix + "-updated.pem"), name);
        removeOld(name, before == null ? "" : before.toString());
        return pair;
    }

    private void removeOld(String current, String before) {
        List<Path> old = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, prefix + "-*.pem")) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.substring(prefix.length()).matches(TIME_PATTERN)
                        && !name.equals(current)
                        && !name.equals(before)) {
                    old.add(file);
                }
            }
            old.sort(Comparator.naturalOrder());
            for (Path file : old) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // They are in nobody's way; the next time removes them.
            LOG.debug("old certificates in {} are not removed: {}", folder, e.toString());
        }
    }
}
