package io.keelson.agent.volumes;

import io.fabric8.kubernetes.api.model.storage.CSIDriver;
import io.fabric8.kubernetes.api.model.storage.CSIDriverSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the API knows of storage plugins: their CSIDriver, as read within the last minute. Any thread. */
final class CsiSettings {
    private static final Duration AGE_MAX = Duration.ofMinutes(1);
    private static final int KNOWN_MAX = 256;

    private final KubernetesClient client;
    private final Time time;
    private final Map<String, Read> known = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Read> eldest) {
            return size() > KNOWN_MAX;
        }
    };

    private record Read(CSIDriverSpec spec, Instant at) {}

    CsiSettings(KubernetesClient client, Time time) {
        this.client = client;
        this.time = time;
    }

    /** A plugin's; an empty one, which means all defaults, if it has none. */
    CSIDriverSpec of(String driver) {
        Instant now = time.steady();
        synchronized (this) {
            Read read = known.get(driver);
            if (read != null && now.isBefore(read.at.plus(AGE_MAX))) {
                return read.spec;
            }
        }
        CSIDriver found = client.storage().v1().csiDrivers().withName(driver).get();
        CSIDriverSpec spec = found == null || found.getSpec() == null ? new CSIDriverSpec() : found.getSpec();
        synchronized (this) {
            known.remove(driver);
            known.put(driver, new Read(spec, now));
        }
        return spec;
    }
}
