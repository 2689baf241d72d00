package io.keelson.agent.claims;

import java.util.List;

/**
 * A device that its driver has made ready.
 *
 * @param requests of the claim that it is for; none for all
 * @param names by which the runtime knows it, {@code VENDOR/CLASS=NAME}
 */
record ReadyDevice(List<String> requests, String pool, String device, List<String> names) {
    ReadyDevice {
        requests = List.copyOf(requests);
        names = List.copyOf(names);
    }

    /**
     * Whether a container gets it that names a request.
     *
     * @param request empty for all of the claim; the name of one with alternatives stands for the one that was chosen
     */
    boolean isFor(String request) {
        return request.isEmpty()
                || requests.isEmpty()
                || requests.stream().anyMatch(known -> known.equals(request) || known.startsWith(request + "/"));
    }

    /** What its driver calls it. */
    DeviceName name() {
        return new DeviceName(pool, device);
    }

    /** What users of the pod are told that it is: the runtime's first name for it, as far as there is one. */
    String id(String driver) {
        return names.isEmpty() ? driver + "/" + pool + "/" + device : names.getFirst();
    }
}
