package io.keelson.apiserver.cel;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import java.util.List;
import java.util.Optional;

/** Types of several schemas. The first that knows a name counts. */
@SuppressWarnings("Immutable") // made of a list that stays
record JoinedTypes(List<CelTypeProvider> providers) implements CelTypeProvider {
    @Override
    public ImmutableCollection<CelType> types() {
        return providers.stream()
                .flatMap(provider -> provider.types().stream())
                .collect(ImmutableList.toImmutableList());
    }

    @Override
    public Optional<CelType> findType(String name) {
        return providers.stream()
                .flatMap(provider -> provider.findType(name).stream())
                .findFirst();
    }
}
