package io.keelson.apiserver.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.CelTypes;
import dev.cel.common.types.OptionalType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import io.keelson.apiserver.cel.functions.Cost;
import io.keelson.apiserver.cel.functions.FunctionSet;
import io.keelson.apiserver.schema.Schema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an expression may name: variables with their types, and the functions of Kubernetes 1.36. Immutable; what is made of
 * it by {@code with} shares its parts. For any thread.
 */
public final class CelEnvironment {
    private static final int CHARS_MAX = 100_000;
    private static final int PARTS_MAX = 20_000;
    private static final int ITERATIONS_MAX = 1_000_000;

    static final CelOptions OPTIONS = CelOptions.current()
            .maxExpressionCodePointSize(CHARS_MAX)
            .maxParseExpressionNodeCount(PARTS_MAX)
            .comprehensionMaxIterations(ITERATIONS_MAX)
            .enableHomogeneousLiterals(true)
            .enableHeterogeneousNumericComparisons(true)
            .enableOptionalSyntax(true)
            .enableRegexPartialMatch(true)
            .build();

    private static final FunctionSet FUNCTIONS = KubernetesFunctions.all();
    private static final Map<String, Cost> COSTS = KubernetesFunctions.costs(FUNCTIONS);

    private static final CelRuntime RUNTIME = CelRuntimeFactory.legacyCelRuntimeBuilder()
            .setOptions(OPTIONS)
            .addLibraries(
                    CelExtensions.strings(),
                    CelExtensions.sets(OPTIONS),
                    CelExtensions.optional(),
                    CelExtensions.comprehensions())
            .setStandardEnvironmentEnabled(false)
            .setStandardFunctions(Operators.standard())
            .addFunctionBindings(Operators.own())
            .addFunctionBindings(FUNCTIONS.bindings())
            .addFunctionBindings(ObjectConstruction.FUNCTIONS.bindings())
            .build();

    private static final CelEnvironment STANDARD = new CelEnvironment(Map.of(), List.of(), false, false);

    private final Map<String, CelType> variables;
    private final List<CelTypeProvider> types;
    private final boolean constructs;
    private final boolean binds;
    private volatile @Nullable CelCompiler compiler;

    private CelEnvironment(
            Map<String, CelType> variables, List<CelTypeProvider> types, boolean constructs, boolean binds) {
        this.variables = variables;
        this.types = types;
        this.constructs = constructs;
        this.binds = binds;
    }

    /** The functions, and no variables. */
    public static CelEnvironment standard() {
        return STANDARD;
    }

    /**
     * Loads the classes that errors of expressions need: one that is first needed when there is no stack left, for an
     * expression that is too deep, is lost for good.
     */
    public static void loadWhatErrorsNeed() {
        for (String wrong : List.of("1 +", "{'a': 1}.b", "1 / 0 == 1", "'a'.nope()")) {
            try {
                var _ = STANDARD.compile(wrong, Set.of(CelResult.ANY)).evaluate(Map.of(), CelBudget.ofObject());
            } catch (CelExpressionException e) {
                // As it should be.
            }
        }
    }

    public CelEnvironment with(String variable, CelType type) {
        Map<String, CelType> more = new LinkedHashMap<>(variables);
        more.put(variable, type);
        return new CelEnvironment(more, types, constructs, binds);
    }

    /**
     * With a variable whose values a schema describes: fields that it does not declare are errors of compiling. Anything if
     * the schema says nothing of its type.
     *
     * @param typeName by which messages call the type
     */
    public CelEnvironment with(String variable, String typeName, Schema schema) {
        SchemaTypes made = new SchemaTypes(false);
        return with(made, variable, made.typeOf(schema, typeName).orElse(SimpleType.DYN));
    }

    /**
     * What a rule at a place of a custom kind may name: {@code self}, and {@code oldSelf} of the same type.
     *
     * @param optionalOldSelf whether {@code oldSelf} is optional
     * @return empty if expressions cannot look at values of this schema
     */
    public static Optional<CelEnvironment> ofSelf(Schema schema, boolean optionalOldSelf) {
        SchemaTypes made = new SchemaTypes(true);
        return made.typeOf(schema, "object")
                .map(type -> STANDARD.with(made, "self", type)
                        .with(made, "oldSelf", optionalOldSelf ? OptionalType.create(type) : type));
    }

    /** With more types, which variables and what expressions make may have. */
    public CelEnvironment withTypes(CelTypeProvider provider) {
        List<CelTypeProvider> more = new ArrayList<>(types);
        more.add(provider);
        return new CelEnvironment(variables, more, constructs, binds);
    }

    /**
     * With expressions that make objects, which come out as {@link ConstructedObject}s: {@code Object{…}}, {@code
     * Object.spec{…}} and so on, and {@code JSONPatch{…}}.
     */
    public CelEnvironment withObjects() {
        return new CelEnvironment(variables, types, true, binds);
    }

    /** With expressions that give a value a name: {@code cel.bind(name, value, expression)}. */
    public CelEnvironment withBindings() {
        return new CelEnvironment(variables, types, constructs, true);
    }

    /** With a variable of a type that a provider knows. */
    CelEnvironment with(SchemaTypes provider, String variable, CelType type) {
        List<CelTypeProvider> more = new ArrayList<>(types);
        if (!more.contains(provider)) {
            more.add(provider);
        }
        Map<String, CelType> named = new LinkedHashMap<>(variables);
        named.put(variable, type);
        return new CelEnvironment(named, more, constructs, binds);
    }

    /** With {@code authorizer}, which answers who may do what, and {@code authorizer.requestResource}. */
    public CelEnvironment withAuthorizer() {
        return with("authorizer", AuthorizerFunctions.AUTHORIZER)
                .with("authorizer.requestResource", AuthorizerFunctions.RESOURCE_CHECK);
    }

    /**
     * Compiles an expression.
     *
     * @param allowed types that its result may have
     * @throws CelExpressionException with {@code compilation failed: } and what is wrong where, or {@code must evaluate to }
     *     and the types that are allowed
     */
    public CelExpression compile(String text, Set<CelResult> allowed) throws CelExpressionException {
        try {
            CelAbstractSyntaxTree tree = checked(text);
            LiteralChecks.check(tree);
            CelType type = tree.getResultType();
            if (allowed.stream().noneMatch(one -> one.allows(type))) {
                throw CelExpressionException.of(mustEvaluateTo(allowed), null);
            }
            CelAbstractSyntaxTree run = constructs ? ObjectConstruction.callsIn(tree) : tree;
            return new CelExpression(text, run, RUNTIME.createProgram(run), COSTS);
        } catch (CelValidationException e) {
            throw CelExpressionException.of(ErrorTexts.of(e), e);
        } catch (CelEvaluationException e) {
            throw CelExpressionException.of("program instantiation failed: " + ErrorTexts.of(e), e);
        } catch (StackOverflowError e) {
            throw CelExpressionException.of("compilation failed: expression recursion limit exceeded", null);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw CelExpressionException.of("compilation failed: " + e.getMessage(), e);
        }
    }

    /**
     * Compiles an expression whose result is known to be of one of some types before it runs.
     *
     * @throws CelExpressionException with {@code compilation failed: } and what is wrong where, or {@code must evaluate
     *     to }, the types that are wanted, {@code but got } and that which it is
     */
    public CelExpression compile(String text, List<CelType> wanted) throws CelExpressionException {
        CelExpression compiled = compile(text, Set.of(CelResult.ANY));
        List<String> names = wanted.stream().map(CelEnvironment::shown).toList();
        String got = shown(compiled.resultType());
        if (!names.contains(got)) {
            String all = String.join(" ", names);
            throw CelExpressionException.of(
                    "must evaluate to " + (names.size() == 1 ? all : "one of [" + all + "]") + " but got " + got, null);
        }
        return compiled;
    }

    private static String shown(CelType type) {
        return type.equals(SimpleType.NULL_TYPE) ? "null_type" : CelTypes.format(type);
    }

    /**
     * What is wrong with an expression, whatever its result: {@code ERROR: <input>:1:7: undefined field 'replicas'} with the
     * line and a mark below; empty if it compiles.
     */
    public Optional<String> issues(String text) {
        try {
            var _ = checked(text);
            return Optional.empty();
        } catch (CelValidationException e) {
            return Optional.of(ErrorTexts.issues(e));
        } catch (StackOverflowError e) {
            return Optional.of("expression recursion limit exceeded");
        } catch (IllegalArgumentException | IllegalStateException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private CelAbstractSyntaxTree checked(String text) throws CelValidationException {
        if (!constructs) {
            return compiler().compile(text).getAst();
        }
        CelAbstractSyntaxTree parsed = compiler().parse(text).getAst();
        return withTypes(ObjectConstruction.types(parsed))
                .compiler()
                .check(parsed)
                .getAst();
    }

    private static String mustEvaluateTo(Set<CelResult> allowed) {
        List<String> names = allowed.stream().sorted().map(CelResult::text).toList();
        return names.size() == 1 ? "must evaluate to " + names.getFirst() : "must evaluate to one of " + names;
    }

    /** Made when it is first needed; threads that do so at the same time make the same. */
    private CelCompiler compiler() {
        CelCompiler made = compiler;
        if (made == null) {
            CelCompilerBuilder builder = CelCompilerFactory.standardCelCompilerBuilder()
                    .setOptions(OPTIONS)
                    .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                    .addLibraries(
                            CelExtensions.strings(),
                            CelExtensions.sets(OPTIONS),
                            CelExtensions.optional(),
                            CelExtensions.comprehensions())
                    .addFunctionDeclarations(FUNCTIONS.declarations());
            if (binds) {
                builder.addLibraries(CelExtensions.bindings());
            }
            if (constructs) {
                builder.addFunctionDeclarations(ObjectConstruction.FUNCTIONS.declarations());
            }
            if (!types.isEmpty()) {
                builder.setTypeProvider(new JoinedTypes(types));
            }
            variables.forEach(builder::addVar);
            made = builder.build();
            compiler = made;
        }
        return made;
    }
}
