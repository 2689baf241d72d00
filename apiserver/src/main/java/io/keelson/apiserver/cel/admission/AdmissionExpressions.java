package io.keelson.apiserver.cel.admission;

import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructTypeReference;
import io.keelson.apiserver.cel.CelEnvironment;
import io.keelson.apiserver.cel.CelExpression;
import io.keelson.apiserver.cel.CelExpressionException;
import io.keelson.apiserver.cel.CelResult;
import io.keelson.apiserver.cel.PlainTypes;
import io.keelson.apiserver.schema.Schema;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compiles the expressions of one policy. They may name {@code object} and {@code oldObject}, of which nothing is known before
 * they run, {@code request} and {@code namespaceObject}, {@code params} if the policy has some, {@code authorizer} but in
 * messages, and {@code variables.x} for every variable x of the policy that was added before. One thread.
 */
public final class AdmissionExpressions {
    /** The variable whose fields are the variables of the policy. */
    public static final String VARIABLES = "variables";

    /** Names of types, which must not begin as a variable is called: {@code object.spec} would be a type. */
    private static final String OBJECT = "kubernetes.Object";

    private static final String PARAMS = "kubernetes.Params";

    static {
        CelEnvironment.loadWhatErrorsNeed();
    }

    private static final CelEnvironment COMMON = common();
    private static final CelEnvironment WITH_PARAMS = COMMON.with("params", SimpleType.DYN);

    private static final CelEnvironment CONDITIONS = COMMON.withAuthorizer();
    private static final CelEnvironment CONDITIONS_WITH_PARAMS = WITH_PARAMS.withAuthorizer();

    private final boolean params;
    private final VariableTypes variables = new VariableTypes();
    private final CelEnvironment plain;
    private final CelEnvironment authorizing;

    private static CelEnvironment common() {
        return requests().with("object", SimpleType.DYN).with("oldObject", SimpleType.DYN);
    }

    private static CelEnvironment requests() {
        PlainTypes types = new PlainTypes();
        CelType request = types.add("kubernetes.AdmissionRequest", AdmissionTypes.REQUEST);
        CelType namespace = types.add("kubernetes.Namespace", AdmissionTypes.NAMESPACE);
        return CelEnvironment.standard()
                .withTypes(types.provider())
                .with("request", request)
                .with("namespaceObject", namespace);
    }

    /** @param params whether there are parameters; there are no variables besides those that all have */
    public AdmissionExpressions(boolean params) {
        this(params, false);
    }

    /**
     * @param params whether the policy has parameters
     * @param composed whether it has variables
     */
    public AdmissionExpressions(boolean params, boolean composed) {
        this(params ? WITH_PARAMS : COMMON, params ? CONDITIONS_WITH_PARAMS : CONDITIONS, params, composed);
    }

    private AdmissionExpressions(CelEnvironment base, CelEnvironment conditions, boolean params, boolean composed) {
        this.params = params;
        if (composed) {
            this.plain = base.withTypes(variables).with(VARIABLES, StructTypeReference.create(VariableTypes.NAME));
            this.authorizing = plain.withAuthorizer();
        } else {
            this.plain = base;
            this.authorizing = conditions;
        }
    }

    /**
     * For a look at the types in the expressions of a policy that is for objects of a known kind.
     *
     * @param object what the objects look like
     * @param params what the parameters look like; null if there are none
     * @param composed whether the policy has variables
     */
    public static AdmissionExpressions typed(Schema object, @Nullable Schema params, boolean composed) {
        CelEnvironment objects = requests().with("object", OBJECT, object).with("oldObject", OBJECT, object);
        CelEnvironment base = params == null ? objects : objects.with("params", PARAMS, params);
        return new AdmissionExpressions(base, base.withAuthorizer(), params != null, composed);
    }

    /** What is wrong with an expression, whatever its result; empty if it compiles. */
    public Optional<String> issues(String text) {
        return authorizing.issues(text);
    }

    /**
     * Compiles a variable, which those that follow may name.
     *
     * @throws CelExpressionException if it does not compile; it can be named all the same, and is anything then
     */
    public CelExpression variable(String name, String text) throws CelExpressionException {
        CelType type = SimpleType.DYN;
        try {
            CelExpression compiled = authorizing.compile(text, Set.of(CelResult.ANY));
            type = compiled.resultType();
            return compiled;
        } finally {
            variables.add(name, type);
        }
    }

    /** Compiles a match condition, which gives truth and may not name variables of the policy. */
    public CelExpression condition(String text) throws CelExpressionException {
        return (params ? CONDITIONS_WITH_PARAMS : CONDITIONS).compile(text, List.of(SimpleType.BOOL));
    }

    /** Compiles a validation, which gives truth. */
    public CelExpression validation(String text) throws CelExpressionException {
        return authorizing.compile(text, List.of(SimpleType.BOOL));
    }

    /** Compiles what makes a message, a text. */
    public CelExpression message(String text) throws CelExpressionException {
        return plain.compile(text, List.of(SimpleType.STRING));
    }

    /** Compiles what makes an audit annotation: a text, or null for none. */
    public CelExpression annotation(String text) throws CelExpressionException {
        return authorizing.compile(text, List.of(SimpleType.STRING, SimpleType.NULL_TYPE));
    }

    /** Compiles what makes a configuration that is applied, an {@code Object}. */
    public CelExpression configuration(String text) throws CelExpressionException {
        return authorizing.withObjects().compile(text, List.of(StructTypeReference.create("Object")));
    }

    /** Compiles what makes a JSON patch, a list of {@code JSONPatch}. */
    public CelExpression patch(String text) throws CelExpressionException {
        return authorizing
                .withObjects()
                .compile(text, List.of(ListType.create(StructTypeReference.create("JSONPatch"))));
    }
}
