package io.keelson.proxy.rules;

import io.keelson.controllers.objects.IpPrefix;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A frontend with what becomes of packets to it.
 *
 * @param sources from where alone it may be reached; null for from everywhere
 */
public record FrontendRule(
        Frontend frontend,
        Treatment treatment,
        Denial denial,
        @Nullable List<IpPrefix> sources) {
    public FrontendRule {
        sources = sources == null ? null : List.copyOf(sources);
    }
}
