package io.keelson.agent.environment;

import io.fabric8.kubernetes.api.model.Service;
import io.keelson.controllers.runtime.Cache;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The services of the cluster as the agent knows them. Any thread. */
public interface ServiceLookup {
    /** Whether the services have been read since the start. */
    boolean isFilled();

    /** The services of a namespace, in any order. */
    List<Service> in(String namespace);

    /** One service; null if there is none of that name. */
    @Nullable
    Service find(String namespace, String name);

    /** The services of a cache. */
    static ServiceLookup of(Cache<Service> services, BooleanSupplier filled) {
        return new ServiceLookup() {
            @Override
            public boolean isFilled() {
                return filled.getAsBoolean();
            }

            @Override
            public List<Service> in(String namespace) {
                return services.in(namespace);
            }

            @Override
            public @Nullable Service find(String namespace, String name) {
                return services.get(namespace, name);
            }
        };
    }
}
