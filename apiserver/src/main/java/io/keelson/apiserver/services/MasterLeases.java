package io.keelson.apiserver.services;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.protobuf.KubernetesProtobuf;
import io.keelson.apiserver.store.ObjectStore;
import io.keelson.apiserver.store.ObjectStore.Outcome;
import io.keelson.apiserver.store.StoredValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which API servers there are: each writes its address below {@code /registry/masterleases/}, for a while, again and again.
 * One that dies is gone when that time is over.
 */
final class MasterLeases {
    private static final Logger log = LoggerFactory.getLogger(MasterLeases.class);

    private static final Duration LASTING = Duration.ofSeconds(15);
    private static final int ATTEMPTS_MAX = 5;

    private final ObjectStore store;
    private final String prefix;

    /** @param keyPrefix what all keys begin with, {@code /registry} */
    MasterLeases(ObjectStore store, String keyPrefix) {
        this.store = store;
        this.prefix = keyPrefix + "/masterleases/";
    }

    /** The addresses of all servers, in order. */
    List<String> list() throws InterruptedException {
        List<String> addresses = new ArrayList<>();
        for (StoredValue value : store.list(prefix, "", 0, 0).values()) {
            try {
                String address = decode(value).at("/subsets/0/addresses/0/ip").asText("");
                if (!address.isEmpty()) {
                    addresses.add(address);
                }
            } catch (MalformedException e) {
                log.warn("{} is no lease of an API server: {}", value.key(), e.message());
            }
        }
        addresses.sort(null);
        return addresses;
    }

    /** Says that the server at this address lives. */
    void renew(String address) throws InterruptedException {
        String key = prefix + address;
        StoredValue present = store.get(key);
        for (int attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
            if (present == null) {
                if (store.create(key, encode(address, 1), LASTING.toSeconds()) != 0) {
                    return;
                }
                present = store.get(key);
                continue;
            }
            // Another value each time, or the write would be none.
            byte[] bytes = encode(address, generation(present) + 1);
            switch (store.update(key, bytes, present.revision(), LASTING.toSeconds())) {
                case Outcome.Done _ -> {
                    return;
                }
                case Outcome.Changed changed -> present = changed.now();
            }
        }
        throw ApiException.internal("the lease " + key + " is changed by others all the time", null);
    }

    void remove(String address) throws InterruptedException {
        String key = prefix + address;
        StoredValue present = store.get(key);
        for (int attempt = 1; attempt <= ATTEMPTS_MAX && present != null; attempt++) {
            switch (store.delete(key, present.revision())) {
                case Outcome.Done _ -> {
                    return;
                }
                case Outcome.Changed changed -> present = changed.now();
            }
        }
    }

    private static long generation(StoredValue value) {
        try {
            return ObjectMeta.generation(decode(value));
        } catch (MalformedException e) {
            return 0;
        }
    }

    private static ObjectNode decode(StoredValue value) {
        return KubernetesProtobuf.isProtobuf(value.bytes())
                ? KubernetesProtobuf.decode(value.bytes())
                : Json.parseObject(value.bytes());
    }

    private static byte[] encode(String address, long generation) {
        ObjectNode object = Json.object().put("apiVersion", "v1").put("kind", "Endpoints");
        ObjectMeta.setGeneration(object, generation);
        object.putArray("subsets").addObject().putArray("addresses").addObject().put("ip", address);
        return KubernetesProtobuf.encode(object);
    }
}
