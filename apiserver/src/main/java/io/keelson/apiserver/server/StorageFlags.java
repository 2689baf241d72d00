package io.keelson.apiserver.server;

import io.keelson.apiserver.request.MediaType;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The flags of {@link StorageSettings}, and others about the store and the caches in front of it, which can be set to what is
 * so anyway, and to nothing else.
 */
final class StorageFlags {
    private static final Logger log = LoggerFactory.getLogger(StorageFlags.class);

    private static final String ETCD = "etcd3";

    @Option(
            names = "--storage-backend",
            paramLabel = "TYPE",
            defaultValue = ETCD,
            description = "What the store is: etcd3. Default: etcd3")
    private String backend = "";

    @Option(
            names = "--storage-media-type",
            paramLabel = "TYPE",
            defaultValue = "application/json",
            description = "The form in which objects are written to the store: application/json, or"
                    + " application/vnd.kubernetes.protobuf for all but custom kinds. Both are read. Default:"
                    + " application/json")
    private String mediaType = "";

    @Option(
            names = "--watch-cache",
            arity = "0..1",
            defaultValue = "true",
            fallbackValue = "true",
            description = "Whether lists and watches come from memory. They always do. Default: true")
    private boolean watchCache;

    @Option(
            names = "--watch-cache-sizes",
            split = ",",
            paramLabel = "RESOURCE#SIZE",
            description = "Caches size themselves; a size may not be 0, which is for no cache.")
    private List<String> watchCacheSizes = List.of();

    @Option(
            names = "--default-watch-cache-size",
            paramLabel = "SIZE",
            description = "Has no meaning any more: caches size themselves.")
    private @Nullable Integer defaultWatchCacheSize;

    @Option(
            names = "--enable-garbage-collector",
            arity = "0..1",
            defaultValue = "true",
            fallbackValue = "true",
            description =
                    "Whether a garbage collector runs in the cluster, so that objects may wait for it when they are"
                            + " deleted. They always may. Default: true")
    private boolean garbageCollector;

    @Option(
            names = "--etcd-servers-overrides",
            split = ",",
            paramLabel = "GROUP/RESOURCE#URL;URL",
            description = "Built-in resources that are in other stores than --etcd-servers says, and the servers of"
                    + " these: /events#http://host:port;http://host:port. A * stands for all resources of a group.")
    private List<String> overrides = List.of();

    @Option(
            names = "--delete-collection-workers",
            paramLabel = "COUNT",
            defaultValue = "1",
            description = "How many objects are deleted at a time when all of a collection are. Default: 1")
    private int deletionWorkers;

    @Option(
            names = "--lease-reuse-duration-seconds",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "For how long a lease of the store is given to more events; they live longer by up to this."
                    + " Default: 60")
    private long leaseReuseSeconds;

    @Option(
            names = "--etcd-compaction-interval",
            paramLabel = "DURATION",
            defaultValue = "5m",
            description = "How often history is dropped that is older than this; 0 for never. Default: 5m")
    private String compactionInterval = "";

    @Mixin
    private StoreLookFlags looks = new StoreLookFlags();

    /** @throws IllegalArgumentException naming the flag that cannot be used */
    StorageSettings settings() {
        requireWhatIsSo();
        watchCacheSizes.forEach(StorageFlags::requireSize);
        if (defaultWatchCacheSize != null) {
            log.warn(
                    "Flag --default-watch-cache-size has been deprecated, watch caches are sized automatically and this"
                            + " flag will be removed in a future version");
        }
        return new StorageSettings(
                storedAs(),
                Duration.ofSeconds(leaseReuseSeconds),
                overrides.stream().map(StoreOverride::parse).toList(),
                deletionWorkers,
                DurationText.of("--etcd-compaction-interval", compactionInterval),
                looks.settings());
    }

    private void requireWhatIsSo() {
        if (!backend.isEmpty() && !backend.equals(ETCD)) {
            throw new IllegalArgumentException("--storage-backend invalid, allowed values: " + ETCD
                    + ". If not specified, it will default to 'etcd3'");
        }
        if (!watchCache) {
            throw new IllegalArgumentException("--watch-cache=false: resources cannot be served without their caches");
        }
        if (!garbageCollector) {
            throw new IllegalArgumentException(
                    "--enable-garbage-collector=false: objects always may wait for a garbage collector");
        }
    }

    private MediaType storedAs() {
        for (MediaType type : List.of(MediaType.JSON, MediaType.PROTOBUF)) {
            if (type.text().equals(mediaType)) {
                return type;
            }
        }
        throw new IllegalArgumentException("--storage-media-type \"" + mediaType + "\" invalid, allowed values: "
                + MediaType.JSON.text() + ", " + MediaType.PROTOBUF.text());
    }

    private static void requireSize(String text) {
        String[] parts = text.split("#", -1);
        if (parts.length != 2) {
            throw new IllegalArgumentException("--watch-cache-sizes: invalid value of watch cache size: " + text);
        }
        int size;
        try {
            size = Integer.parseInt(parts[1]);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("--watch-cache-sizes: invalid size of watch cache size: " + text, e);
        }
        if (size < 0) {
            throw new IllegalArgumentException("--watch-cache-sizes: watch cache size cannot be negative: " + text);
        }
        if (size == 0) {
            throw new IllegalArgumentException(
                    "--watch-cache-sizes: " + text + ": a resource cannot be served without its cache");
        }
    }
}
