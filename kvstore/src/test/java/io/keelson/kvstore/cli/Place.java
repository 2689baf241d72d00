package io.keelson.kvstore.cli;

import io.keelson.raft.FreePorts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Where a member of a cluster listens: on loopback. Whose server it is makes no difference. */
record Place(String name, int clientPort, int peerPort) {
    static List<Place> ofOne() {
        return List.of(of("default"));
    }

    static List<Place> ofThree() {
        return List.of(of("m1"), of("m2"), of("m3"));
    }

    static Place of(String name) {
        return new Place(name, FreePorts.one(), FreePorts.one());
    }

    String endpoint() {
        return "127.0.0.1:" + clientPort;
    }

    String peerUrl() {
        return "http://127.0.0.1:" + peerPort;
    }

    static String endpoints(List<Place> all) {
        return all.stream().map(Place::endpoint).collect(Collectors.joining(","));
    }

    /** The flags with which this one of the members starts; etcd and Keelson take the same. */
    List<String> flags(List<Place> all, Path dataDir) {
        String client = "http://" + endpoint();
        return new ArrayList<>(List.of(
                "--name=" + name,
                "--data-dir=" + dataDir,
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peerUrl(),
                "--initial-advertise-peer-urls=" + peerUrl(),
                "--initial-cluster="
                        + all.stream()
                                .map(place -> place.name() + "=" + place.peerUrl())
                                .collect(Collectors.joining(","))));
    }
}
