package io.keelson.agent.devices;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.keelson.agent.wire.deviceplugin.ContainerAllocateResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who has which devices. Its text is that of the kubelet's checkpoint but for the checksum, which is one over the text
 * of the data here, and over memory as Go prints it there. Not for several threads at a time.
 */
final class DeviceAccount {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int FNV_BASIS = 0x811c9dc5;
    private static final int FNV_PRIME = 0x01000193;
    private static final long NO_NODE = -1;

    private final Map<Place, Map<String, Given>> given = new LinkedHashMap<>();

    /** A container of a pod. */
    record Place(String podUid, String container) {}

    /**
     * What a container has of a resource.
     *
     * @param byNode ids of devices by the node of memory that they are near to, -1 where that does not matter
     * @param answer what the plugin said that the container is to be told
     * @param isAnswered false while the plugin is asked, when the devices are only kept from others
     */
    record Given(Map<Long, Set<String>> byNode, ContainerAllocateResponse answer, boolean isAnswered) {
        Given(Map<Long, Set<String>> byNode, ContainerAllocateResponse answer) {
            this(byNode, answer, true);
        }

        Given {
            Map<Long, Set<String>> copy = new TreeMap<>();
            byNode.forEach((node, ids) -> copy.put(node, Set.copyOf(ids)));
            byNode = copy;
        }

        /** Its devices. */
        Set<String> ids() {
            Set<String> all = new TreeSet<>();
            byNode.values().forEach(all::addAll);
            return all;
        }

        static Given of(Collection<KnownDevice> devices, ContainerAllocateResponse answer) {
            Map<Long, Set<String>> byNode = new TreeMap<>();
            for (KnownDevice device : devices) {
                for (long node : device.nodes().isEmpty() ? List.of(NO_NODE) : device.nodes()) {
                    byNode.computeIfAbsent(node, any -> new LinkedHashSet<>()).add(device.id());
                }
            }
            return new Given(byNode, answer);
        }

        /** The same before the plugin has answered. */
        Given unanswered() {
            return new Given(byNode, ContainerAllocateResponse.getDefaultInstance(), false);
        }

        /** The same when the plugin has answered. */
        Given answered(ContainerAllocateResponse said) {
            return new Given(byNode, said);
        }
    }

    /** What a container has, by resource; empty if nothing. */
    Map<String, Given> of(Place place) {
        return Map.copyOf(given.getOrDefault(place, Map.of()));
    }

    void put(Place place, String resource, Given what) {
        given.computeIfAbsent(place, any -> new TreeMap<>()).put(resource, what);
    }

    /** What a container has of these resources is free again. */
    void remove(Place place, Set<String> resources) {
        Map<String, Given> known = given.get(place);
        if (known != null && known.keySet().removeAll(resources) && known.isEmpty()) {
            given.remove(place);
        }
    }

    /** @return whether it had something */
    boolean release(String podUid) {
        return given.keySet().removeIf(place -> place.podUid().equals(podUid));
    }

    /** The pods that have something of a resource. */
    Set<String> users(String resource) {
        Set<String> uids = new HashSet<>();
        given.forEach((place, byResource) -> {
            if (byResource.containsKey(resource)) {
                uids.add(place.podUid());
            }
        });
        return uids;
    }

    Set<String> pods() {
        Set<String> uids = new HashSet<>();
        given.keySet().forEach(place -> uids.add(place.podUid()));
        return uids;
    }

    /** All of a resource that somebody has. */
    Set<String> used(String resource) {
        Set<String> ids = new HashSet<>();
        given.values().forEach(byResource -> {
            Given what = byResource.get(resource);
            if (what != null) {
                ids.addAll(what.ids());
            }
        });
        return ids;
    }

    /** The resources that somebody has something of. */
    Set<String> resources() {
        Set<String> names = new TreeSet<>();
        given.values().forEach(byResource -> names.addAll(byResource.keySet()));
        return names;
    }

    /**
     * The text, without what plugins have not answered yet: after a restart that is asked for again.
     *
     * @param registered ids of the healthy devices, by resource
     */
    String json(Map<String, Set<String>> registered) {
        ObjectNode data = JSON.createObjectNode();
        var entries = data.putArray("PodDeviceEntries");
        given.forEach((place, byResource) -> byResource.forEach((resource, what) -> {
            if (!what.isAnswered()) {
                return;
            }
            ObjectNode entry = entries.addObject();
            entry.put("PodUID", place.podUid());
            entry.put("ContainerName", place.container());
            entry.put("ResourceName", resource);
            ObjectNode ids = entry.putObject("DeviceIDs");
            what.byNode().forEach((node, devices) -> {
                var list = ids.putArray(Long.toString(node));
                new TreeSet<>(devices).forEach(list::add);
            });
            entry.put(
                    "AllocResp",
                    Base64.getEncoder().encodeToString(what.answer().toByteArray()));
        }));
        ObjectNode devices = data.putObject("RegisteredDevices");
        registered.forEach((resource, ids) -> {
            var list = devices.putArray(resource);
            ids.forEach(list::add);
        });
        ObjectNode root = JSON.createObjectNode();
        root.set("Data", data);
        root.put("Checksum", checksum(data.toString()));
        return root.toString();
    }

    private static long checksum(String text) {
        int hash = FNV_BASIS;
        for (byte one : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (one & 0xff)) * FNV_PRIME;
        }
        return Integer.toUnsignedLong(hash);
    }

    /**
     * What a checkpoint says.
     *
     * @param account who has which
     * @param registered the resources that had plugins
     */
    record Checkpoint(DeviceAccount account, Set<String> registered) {
        Checkpoint {
            registered = Set.copyOf(registered);
        }
    }

    /**
     * Reads what {@link #json} wrote.
     *
     * @throws IOException if it is damaged
     */
    static Checkpoint parse(String text) throws IOException {
        JsonNode root;
        try {
            root = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IOException("no JSON", e);
        }
        JsonNode data = root == null ? null : root.get("Data");
        if (data == null || checksum(data.toString()) != root.path("Checksum").asLong(-1)) {
            throw new IOException("checkpoint is corrupted");
        }
        DeviceAccount account = new DeviceAccount();
        for (JsonNode entry : data.path("PodDeviceEntries")) {
            account.put(
                    new Place(
                            entry.path("PodUID").asText(),
                            entry.path("ContainerName").asText()),
                    entry.path("ResourceName").asText(),
                    new Given(ids(entry.path("DeviceIDs")), answer(entry.get("AllocResp"))));
        }
        Set<String> registered = new TreeSet<>();
        data.path("RegisteredDevices").fieldNames().forEachRemaining(registered::add);
        return new Checkpoint(account, registered);
    }

    private static Map<Long, Set<String>> ids(JsonNode node) throws IOException {
        Map<Long, Set<String>> byNode = new TreeMap<>();
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            Set<String> ids = new LinkedHashSet<>();
            field.getValue().forEach(id -> ids.add(id.asText()));
            try {
                byNode.put(Long.parseLong(field.getKey()), ids);
            } catch (NumberFormatException e) {
                throw new IOException("no node of memory: " + field.getKey(), e);
            }
        }
        return byNode;
    }

    private static ContainerAllocateResponse answer(@Nullable JsonNode node) throws IOException {
        try {
            return ContainerAllocateResponse.parseFrom(ByteString.copyFrom(Base64.getDecoder()
                    .decode(Optional.ofNullable(node).map(JsonNode::asText).orElse(""))));
        } catch (IllegalArgumentException | InvalidProtocolBufferException e) {
            throw new IOException("no answer of a plugin", e);
        }
    }
}
