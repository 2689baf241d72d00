package io.keelson.agent.embedded;

import io.keelson.agent.wire.cri.PodSandboxConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Gives an address that nobody reaches, and counts who has one. */
final class TestNetwork implements SandboxNetwork {
    final Set<String> attached = ConcurrentHashMap.newKeySet();

    @Override
    public List<String> attach(String id, PodSandboxConfig config, Path namespace) {
        attached.add(id);
        return List.of("192.0.2.7", "2001:db8::7");
    }

    @Override
    public void detach(String id, PodSandboxConfig config, Path namespace) {
        attached.remove(id);
    }

    @Override
    public void collect(Set<String> ids) {
        attached.retainAll(ids);
    }

    @Override
    public String problem() {
        return "";
    }
}
