package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;

/**
 * A device that is chosen for a claim.
 *
 * @param consumed how much of it, by the name under which it publishes the capacity; empty if it is not shared
 */
record ChosenDevice(RequestOption option, PooledDevice device, Map<String, Quantity> consumed) {}
