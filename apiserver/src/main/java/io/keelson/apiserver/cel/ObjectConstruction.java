package io.keelson.apiserver.cel;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelMutableExpr;
import dev.cel.common.ast.CelMutableExpr.CelMutableCall;
import dev.cel.common.ast.CelMutableExpr.CelMutableMap;
import dev.cel.common.ast.CelMutableExprConverter;
import dev.cel.common.ast.CelReference;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import io.keelson.apiserver.cel.functions.Cost;
import io.keelson.apiserver.cel.functions.FunctionSet;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Expressions that make objects: {@code Object{spec: Object.spec{replicas: 3}}}, whose types are named by where they stand and
 * whose fields are anything, and {@code JSONPatch{op: "add", path: "/a", value: 1}}.
 *
 * <p>The library makes messages of protobuf only. So an expression is checked with types made for it, after which
 * {@code Object{a: 1}} in it becomes the call of a function with the name of the type and the map <code>{"a": 1}</code>.
 */
final class ObjectConstruction {
    private static final String OBJECT = "Object";
    private static final String PATCH = "JSONPatch";
    private static final String FUNCTION = "@construct";
    private static final String OVERLOAD = "construct_object";
    private static final MapType FIELDS = MapType.create(SimpleType.STRING, SimpleType.DYN);

    private static final StructType PATCH_TYPE = StructType.create(
            PATCH,
            ImmutableSet.of("op", "path", "from", "value"),
            field -> Optional.of(field.equals("value") ? SimpleType.DYN : SimpleType.STRING));

    /** Of expressions that make objects, for these alone. */
    static final FunctionSet FUNCTIONS = new FunctionSet()
            .global(
                    FUNCTION,
                    OVERLOAD,
                    Cost.ONE,
                    given -> new ConstructedObject((String) given[0], (Map<?, ?>) given[1]),
                    SimpleType.DYN,
                    SimpleType.STRING,
                    FIELDS);

    private ObjectConstruction() {}

    private static boolean isConstructed(String type) {
        return type.equals(PATCH) || type.equals(OBJECT) || type.startsWith(OBJECT + ".");
    }

    /** The types that stand in an expression. Any name is fine for a field, so all names that occur are fields of each. */
    static CelTypeProvider types(CelAbstractSyntaxTree parsed) {
        Set<String> types = new HashSet<>();
        Set<String> fields = new HashSet<>();
        ExpressionParts.walk(parsed.getExpr(), part -> {
            switch (part.exprKind().getKind()) {
                case SELECT -> fields.add(part.select().field());
                case STRUCT -> {
                    types.add(part.struct().messageName());
                    part.struct().entries().forEach(entry -> fields.add(entry.fieldKey()));
                }
                default -> {
                    // Has no fields.
                }
            }
        });
        ImmutableSet<String> all = ImmutableSet.copyOf(fields);
        ImmutableMap.Builder<String, CelType> known = ImmutableMap.builder();
        for (String type : types) {
            if (isConstructed(type) && !type.equals(PATCH)) {
                known.put(type, StructType.create(type, all, _ -> Optional.of(SimpleType.DYN)));
            }
        }
        return new Types(known.put(PATCH, PATCH_TYPE).buildOrThrow());
    }

    private record Types(ImmutableMap<String, CelType> known) implements CelTypeProvider {
        @Override
        public ImmutableCollection<CelType> types() {
            return known.values();
        }

        @Override
        public Optional<CelType> findType(String name) {
            return Optional.ofNullable(known.get(name));
        }
    }

    /** Puts calls in the place of what makes objects. */
    static CelAbstractSyntaxTree callsIn(CelAbstractSyntaxTree checked) {
        boolean[] constructs = new boolean[1];
        long[] last = new long[1];
        ExpressionParts.walk(checked.getExpr(), part -> {
            last[0] = Math.max(last[0], part.id());
            switch (part.exprKind().getKind()) {
                case STRUCT -> {
                    constructs[0] = true;
                    part.struct().entries().forEach(entry -> last[0] = Math.max(last[0], entry.id()));
                }
                case MAP -> part.map().entries().forEach(entry -> last[0] = Math.max(last[0], entry.id()));
                default -> {
                    // Has no ids but those of its parts.
                }
            }
        });
        return constructs[0] ? new Rewriting(checked, last[0]).done() : checked;
    }

    /** One expression being rewritten. */
    private static final class Rewriting {
        private final CelAbstractSyntaxTree checked;
        private final Map<Long, CelReference> references;
        private final Map<Long, CelType> types;
        private final CelMutableExpr root;
        private long last;

        Rewriting(CelAbstractSyntaxTree checked, long last) {
            this.checked = checked;
            this.references = new HashMap<>(checked.getReferenceMap());
            this.types = new HashMap<>(checked.getTypeMap());
            this.root = CelMutableExprConverter.fromCelExpr(checked.getExpr());
            this.last = last;
        }

        CelAbstractSyntaxTree done() {
            Deque<CelMutableExpr> open = new ArrayDeque<>();
            open.push(root);
            while (!open.isEmpty()) {
                CelMutableExpr part = open.pop();
                if (part.getKind() == CelExpr.ExprKind.Kind.STRUCT
                        && isConstructed(part.struct().messageName())) {
                    call(part);
                }
                switch (part.getKind()) {
                    case SELECT -> open.push(part.select().operand());
                    case CALL -> {
                        part.call().target().ifPresent(open::push);
                        part.call().args().forEach(open::push);
                    }
                    case LIST -> part.list().elements().forEach(open::push);
                    case MAP ->
                        part.map().entries().forEach(entry -> {
                            open.push(entry.key());
                            open.push(entry.value());
                        });
                    case STRUCT -> part.struct().entries().forEach(entry -> open.push(entry.value()));
                    case COMPREHENSION -> {
                        open.push(part.comprehension().iterRange());
                        open.push(part.comprehension().accuInit());
                        open.push(part.comprehension().loopCondition());
                        open.push(part.comprehension().loopStep());
                        open.push(part.comprehension().result());
                    }
                    case CONSTANT, IDENT, NOT_SET -> {
                        // Has no parts.
                    }
                }
            }
            return CelAbstractSyntaxTree.newCheckedAst(
                    CelMutableExprConverter.fromMutableExpr(root), checked.getSource(), references, types);
        }

        private void call(CelMutableExpr part) {
            List<CelMutableMap.Entry> entries = new ArrayList<>();
            part.struct().entries().forEach(entry -> {
                CelMutableMap.Entry made = CelMutableMap.Entry.create(++last, text(entry.fieldKey()), entry.value());
                made.setOptionalEntry(entry.optionalEntry());
                entries.add(made);
            });
            CelMutableExpr name = text(part.struct().messageName());
            CelMutableExpr fields = CelMutableExpr.ofMap(++last, CelMutableMap.create(entries));
            types.put(fields.id(), FIELDS);
            part.setCall(CelMutableCall.create(FUNCTION, name, fields));
            references.put(
                    part.id(),
                    CelReference.newBuilder().addOverloadIds(OVERLOAD).build());
        }

        private CelMutableExpr text(String text) {
            CelMutableExpr made = CelMutableExpr.ofConstant(++last, CelConstant.ofValue(text));
            types.put(made.id(), SimpleType.STRING);
            return made;
        }
    }
}
