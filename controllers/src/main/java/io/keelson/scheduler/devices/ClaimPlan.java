package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.resource.v1.CapacityRequirements;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceClaimConfiguration;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceClass;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceConstraint;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceRequest;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceSelector;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceSubRequest;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceToleration;
import io.fabric8.kubernetes.api.model.resource.v1.ExactDeviceRequest;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Key;
import io.keelson.scheduler.devices.selectors.SelectorCache;
import io.keelson.scheduler.devices.selectors.SelectorException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a claim asks for, with the classes that it names and its expressions compiled.
 *
 * @param requests for each request the ways to satisfy it, the best first
 */
record ClaimPlan(
        ResourceClaim claim,
        List<List<RequestOption>> requests,
        List<DeviceConstraint> constraints,
        List<DeviceClaimConfiguration> configuration) {
    ClaimPlan {
        requests = List.copyOf(requests);
        constraints = List.copyOf(constraints);
        configuration = List.copyOf(configuration);
    }

    /**
     * Reads a claim.
     *
     * @param classes the class of a name; null if there is none
     * @throws UnallocatableException if a class is missing, or an expression does not compile
     */
    static ClaimPlan of(ResourceClaim claim, Function<String, @Nullable DeviceClass> classes, SelectorCache selectors)
            throws UnallocatableException {
        if (claim.getSpec() == null || claim.getSpec().getDevices() == null) {
            return new ClaimPlan(claim, List.of(), List.of(), List.of());
        }
        Reading reading = new Reading("claim " + Key.of(claim), classes, selectors);
        List<List<RequestOption>> requests = new ArrayList<>();
        DeviceClaim asked = claim.getSpec().getDevices();
        for (DeviceRequest request : OrEmpty.of(asked.getRequests())) {
            requests.add(reading.options(request));
        }
        return new ClaimPlan(claim, requests, OrEmpty.of(asked.getConstraints()), OrEmpty.of(asked.getConfig()));
    }

    /** What a claim is read with. */
    private record Reading(String claim, Function<String, @Nullable DeviceClass> classes, SelectorCache selectors) {

        List<RequestOption> options(DeviceRequest request) throws UnallocatableException {
            String name = request.getName();
            ExactDeviceRequest exact = request.getExactly();
            if (exact != null) {
                return List.of(option(
                        name,
                        name,
                        exact.getDeviceClassName(),
                        exact.getSelectors(),
                        exact.getAllocationMode(),
                        exact.getCount(),
                        OrEmpty.of(exact.getAdminAccess()),
                        exact.getTolerations(),
                        exact.getCapacity()));
            }
            List<RequestOption> options = new ArrayList<>();
            for (DeviceSubRequest sub : OrEmpty.of(request.getFirstAvailable())) {
                options.add(option(
                        name,
                        name + '/' + sub.getName(),
                        sub.getDeviceClassName(),
                        sub.getSelectors(),
                        sub.getAllocationMode(),
                        sub.getCount(),
                        false,
                        sub.getTolerations(),
                        sub.getCapacity()));
            }
            if (options.isEmpty()) {
                throw new UnallocatableException("request " + name + ": unsupported request type");
            }
            return options;
        }

        private RequestOption option(
                String request,
                String name,
                @Nullable String className,
                @Nullable List<DeviceSelector> own,
                @Nullable String mode,
                @Nullable Long count,
                boolean adminAccess,
                @Nullable List<DeviceToleration> tolerations,
                @Nullable CapacityRequirements capacity)
                throws UnallocatableException {
            if (OrEmpty.of(className).isEmpty()) {
                throw new UnallocatableException("request " + name + ": unsupported request type");
            }
            DeviceClass deviceClass = classes.apply(OrEmpty.of(className));
            if (deviceClass == null) {
                throw new UnallocatableException("request " + name + ": device class " + className + " does not exist");
            }
            List<RequestOption.Named> named = new ArrayList<>();
            List<DeviceSelector> ofClass = deviceClass.getSpec() == null
                    ? List.of()
                    : OrEmpty.of(deviceClass.getSpec().getSelectors());
            compile("class " + className, ofClass, named);
            compile(claim + ", request " + name, OrEmpty.of(own), named);
            boolean all = switch (OrEmpty.of(mode)) {
                case "All" -> true;
                case "", "ExactCount" -> false;
                default ->
                    throw new UnallocatableException(claim + ", request " + name + ": unsupported count mode " + mode);
            };
            Map<String, Quantity> amounts = capacity == null ? Map.of() : OrEmpty.of(capacity.getRequests());
            return new RequestOption(
                    request,
                    name,
                    deviceClass,
                    named,
                    all,
                    count == null || count < 1 ? 1 : count,
                    adminAccess,
                    OrEmpty.of(tolerations),
                    amounts);
        }

        private void compile(String where, List<DeviceSelector> all, List<RequestOption.Named> named)
                throws UnallocatableException {
            for (int i = 0; i < all.size(); i++) {
                String place = where + ", selector #" + i;
                if (all.get(i).getCel() == null) {
                    throw new UnallocatableException(place + ": no supported selector is set: use cel");
                }
                try {
                    String expression = OrEmpty.of(all.get(i).getCel().getExpression());
                    named.add(new RequestOption.Named(place, selectors.get(expression)));
                } catch (SelectorException e) {
                    throw new UnallocatableException(place + ": " + e.getMessage());
                }
            }
        }
    }
}
