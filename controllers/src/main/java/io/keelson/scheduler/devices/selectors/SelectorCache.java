package io.keelson.scheduler.devices.selectors;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.CelTypes;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Compiles expressions, and remembers those that were asked for last, broken ones too. For one thread. */
public final class SelectorCache {
    static final String DEVICE = "device";

    private static final int KEPT_MAX = 1_000;
    private static final int CHARS_MAX = 10 * 1024;
    private static final int PARTS_MAX = 20_000;
    private static final int ITERATIONS_MAX = 1_000_000;
    private static final FunctionTable FUNCTIONS = SelectorFunctions.all();
    private static final CelOptions OPTIONS = CelOptions.current()
            .maxExpressionCodePointSize(CHARS_MAX)
            .maxParseExpressionNodeCount(PARTS_MAX)
            .comprehensionMaxIterations(ITERATIONS_MAX)
            .enableHomogeneousLiterals(true)
            .enableHeterogeneousNumericComparisons(true)
            .enableOptionalSyntax(true)
            .enableRegexPartialMatch(true)
            .build();
    private static final StructType TYPE = type(ImmutableMap.of(
            "driver",
            SimpleType.STRING,
            "allowMultipleAllocations",
            SimpleType.BOOL,
            "attributes",
            byDomainAndName(SimpleType.DYN),
            "capacity",
            byDomainAndName(SelectorFunctions.QUANTITY)));

    private final Map<String, Compiled> kept = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Compiled> eldest) {
            return size() > KEPT_MAX;
        }
    };

    private sealed interface Compiled {}

    private record Usable(Selector selector) implements Compiled {}

    private record Broken(String why) implements Compiled {}

    /** Made when the first expression is: most clusters have none. */
    private static final class Library {
        private static final CelCompiler COMPILER = CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(OPTIONS)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .addLibraries(
                        CelExtensions.strings(),
                        CelExtensions.sets(OPTIONS),
                        CelExtensions.optional(),
                        CelExtensions.comprehensions(),
                        CelExtensions.bindings())
                .addFunctionDeclarations(FUNCTIONS.declarations())
                .setTypeProvider(new OneType(TYPE))
                .addVar(DEVICE, TYPE)
                .build();
        private static final CelRuntime RUNTIME = CelRuntimeFactory.legacyCelRuntimeBuilder()
                .setOptions(OPTIONS)
                .addLibraries(
                        CelExtensions.strings(),
                        CelExtensions.sets(OPTIONS),
                        CelExtensions.optional(),
                        CelExtensions.comprehensions())
                .addFunctionBindings(FUNCTIONS.bindings())
                .build();
    }

    private record OneType(StructType type) implements CelTypeProvider {
        @Override
        public ImmutableCollection<CelType> types() {
            return ImmutableList.of(type);
        }

        @Override
        public Optional<CelType> findType(String name) {
            return name.equals(type.name()) ? Optional.of(type) : Optional.empty();
        }
    }

    private static StructType type(ImmutableMap<String, CelType> fields) {
        return StructType.create(
                "kubernetes.DRADevice", fields.keySet(), field -> Optional.ofNullable(fields.get(field)));
    }

    private static MapType byDomainAndName(CelType type) {
        return MapType.create(SimpleType.STRING, MapType.create(SimpleType.STRING, type));
    }

    /**
     * An expression, compiled.
     *
     * @throws SelectorException if it does not compile, or certainly gives something else than truth
     */
    public Selector get(String expression) throws SelectorException {
        return switch (kept.computeIfAbsent(expression, SelectorCache::compile)) {
            case Usable usable -> usable.selector();
            case Broken broken -> throw new SelectorException("compile error: " + broken.why());
        };
    }

    private static Compiled compile(String expression) {
        try {
            CelAbstractSyntaxTree tree = Library.COMPILER.compile(expression).getAst();
            CelType type = tree.getResultType();
            if (!type.equals(SimpleType.BOOL) && !type.equals(SimpleType.DYN)) {
                return new Broken("must evaluate to bool or the unknown type, not " + CelTypes.format(type));
            }
            return new Usable(new Selector(Library.RUNTIME.createProgram(tree)));
        } catch (CelValidationException | CelEvaluationException e) {
            return new Broken(String.valueOf(e.getMessage()));
        } catch (IllegalArgumentException | IllegalStateException e) {
            return new Broken(String.valueOf(e.getMessage()));
        } catch (StackOverflowError e) {
            return new Broken("expression recursion limit exceeded");
        }
    }
}
