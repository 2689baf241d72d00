package io.keelson.scheduler.devices.selectors;

import dev.cel.common.ast.CelExpr;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelEvaluationListener;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelVariableResolver;
import io.fabric8.kubernetes.api.model.resource.v1.Device;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/** An expression that was compiled. Immutable; any thread may ask it. */
public final class Selector {
    private static final long COST_MAX = 1_000_000;

    private final CelRuntime.Program program;

    Selector(CelRuntime.Program program) {
        this.program = program;
    }

    /** Ends an evaluation. No exception, as {@code ||} passes over those of one side and goes on with the other. */
    private static final class LimitReached extends Error {
        private static final long serialVersionUID = 1;

        private LimitReached() {
            super("cost limit", null, false, false);
        }
    }

    /** Counts a step for each part that is evaluated, and more for a large value. */
    private static final class Cost implements CelEvaluationListener {
        private long cost;

        @Override
        public void callback(CelExpr part, Object value) {
            cost += switch (value) {
                case CharSequence text -> 1 + text.length() / 10;
                case Collection<?> list -> 1 + list.size() / 10;
                case null, default -> 1;
            };
            if (cost > COST_MAX) {
                throw new LimitReached();
            }
        }
    }

    /**
     * Whether it selects a device.
     *
     * @throws SelectorException if it gives no answer, or costs too much
     */
    public boolean selects(String driver, Device device) throws SelectorException {
        Map<String, Object> view = DeviceView.of(driver, device);
        CelVariableResolver variables =
                name -> SelectorCache.DEVICE.equals(name) ? Optional.of(view) : Optional.empty();
        Object answer;
        try {
            answer = program.trace(variables, new Cost());
        } catch (CelEvaluationException | RuntimeException e) {
            throw new SelectorException("runtime error: " + e.getMessage());
        } catch (LimitReached e) {
            throw new SelectorException("runtime error: operation cancelled: actual cost limit exceeded");
        } catch (StackOverflowError e) {
            throw new SelectorException("runtime error: the expression is too deep to be evaluated");
        }
        if (answer instanceof Boolean selected) {
            return selected;
        }
        throw new SelectorException("runtime error: the expression gave no bool");
    }
}
