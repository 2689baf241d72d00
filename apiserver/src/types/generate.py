#!/usr/bin/env python3
"""Writes the types of Kubernetes into the text that io.keelson.apiserver.schema.BuiltInSchemas reads.

    generate.py TYPES.json.gz GOPATH/src > ../main/resources/io/keelson/apiserver/schema/kubernetes.types

Takes two published sources of facts and keeps nothing else of them:
  * OpenAPI v3 definitions, name -> definition (fields, types, formats, required, defaults, enums, list and patch keys);
  * the Go packages k8s.io/api, k8s.io/apimachinery and k8s.io/apiextensions-apiserver of the same version, for what
    OpenAPI does not say: which fields are pointers, which are left out when empty (omitempty, omitzero), and the names of
    Go types, which show in errors.

The types of apiregistration.k8s.io, which these lack, stand beside this file, written by hand; they come last.

What it writes, one definition after the other, one line for each field:

    io.k8s.api.core.v1.ContainerPort required(containerPort)
     0containerPort int32 =0
     -hostIP string
     -protocol string<v1.Protocol> ="TCP" enum(SCTP,TCP,UDP)

The character before a field's name says what becomes of it in an object that is written:
    .  it stands there as it was given (a pointer)
    -  it is left out if it is empty or zero
    0  it always stands there: zero, the empty text or the empty object if it was not given
    ~  it always stands there: null if it was not given
Types: string boolean int32 int64 double bytes time microtime duration quantity intorstring object any, [T] lists, {T} maps,
names of definitions (of the same package if they have no dot; the first part may be one of the abbreviations that "use"
lines declare), & before a name for a reference that stands alone in OpenAPI, <name> for a Go type that has its own name,
:value for each of the values that elements may have. Behind them: =default, enum(...) (spaces are %20), set, map(keys), atomic, granular, merge(key), strategy(...). Behind the
name of a definition: its simple type if it has no fields, kind(group/version/Kind,...), required(...), atomic, granular,
unions(JSON).
"""
import gzip
import json
import os
import re
import sys

USES = {
    'meta': 'io.k8s.apimachinery.pkg.apis.meta.v1',
    'core': 'io.k8s.api.core.v1',
    'runtime': 'io.k8s.apimachinery.pkg.runtime',
}
SPECIAL = {
    'io.k8s.apimachinery.pkg.api.resource.Quantity': 'quantity',
    'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 'intorstring',
    'io.k8s.apimachinery.pkg.apis.meta.v1.Time': 'time',
    'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': 'microtime',
    'io.k8s.apimachinery.pkg.apis.meta.v1.Duration': 'duration',
}


class Go:
    """The types of Go packages, read as far as needed."""

    def __init__(self, root):
        self.root = root
        self.packages = {}

    def package(self, path):
        if path not in self.packages:
            self.packages[path] = self.read(path)
        return self.packages[path]

    def read(self, path):
        types = {}
        folder = os.path.join(self.root, path)
        if not os.path.isdir(folder):
            return types
        for file in sorted(os.listdir(folder)):
            if not file.endswith('.go') or file.endswith('_test.go') or file.startswith(('zz_', 'generated')):
                continue
            text = open(os.path.join(folder, file), encoding='utf-8').read()
            text = re.sub(r'/\*.*?\*/', '', text, flags=re.S)
            text = re.sub(r'(?m)^\s*//.*$', '', text)
            imports = {}
            for alias, target in re.findall(r'(?m)^\s*(?:import\s+)?(\w+)?\s*"([^"\s]+/[^"\s]+)"\s*$', text):
                imports[alias or target.rsplit('/', 1)[1]] = target
            for name, body in re.findall(r'(?ms)^type (\w+) struct \{(.*?)^\}', text):
                types[name] = ('struct', self.fields(body), imports)
            for name, target in re.findall(r'(?m)^type (\w+)\s+(?:=\s*)?((?!struct|interface|func)[\w\[\]*.]+)', text):
                types[name] = ('named', target, imports)
        return types

    @staticmethod
    def fields(body):
        fields = []
        for line in body.split('\n'):
            line = re.sub(r'\s+//.*$', '', line).strip()
            found = re.match(r'^(?:(\w+)\s+)?([\w\[\]*.]+|\[\]interface\{\})(?:\s+`(.*)`)?$', line)
            if not found:
                continue
            name, kind, tags = found.groups()
            tag = re.search(r'json:"([^"]*)"', tags or '')
            fields.append((name, kind, tag.group(1).split(',') if tag else None))
        return fields

    def struct(self, path, name):
        """JSON name -> (Go type, options, package), embedded structs included."""
        entry = self.package(path).get(name)
        if entry is None:
            return None
        if entry[0] != 'struct':
            target = entry[1].lstrip('*')
            return self.struct(*self.locate(target, path, entry[2])) if target[0].isupper() or '.' in target else None
        result = {}
        for field, kind, tag in entry[1]:
            if tag and tag[0] == '-':
                continue
            if (field is None and not (tag and tag[0])) or (tag is not None and 'inline' in tag):
                inner = self.struct(*self.locate(kind.lstrip('*'), path, entry[2]))
                result.update(inner or {})
            elif tag is not None or field[0].isupper():
                result[tag[0] if tag and tag[0] else field] = (kind, tag[1:] if tag else [], path, entry[2])
        return result

    @staticmethod
    def locate(kind, path, imports):
        if '.' in kind:
            alias, name = kind.split('.')
            return imports.get(alias, alias), name
        return path, kind

    def underlying(self, kind, path, imports):
        """What a type is in the end: pointer, list, map, bytes, struct or a scalar's name."""
        if kind.startswith('*'):
            return 'pointer'
        if kind == '[]byte':
            return 'bytes'
        if kind.startswith('[]'):
            return 'list'
        if kind.startswith('map['):
            return 'map'
        if kind in ('string', 'bool', 'byte') or re.match(r'^u?int\d*$|^float\d+$', kind):
            return kind
        where, name = self.locate(kind, path, imports)
        entry = self.package(where).get(name)
        if entry is None:
            return None
        return 'struct' if entry[0] == 'struct' else self.underlying(entry[1], where, entry[2])

    def text(self, kind, path, imports):
        """The type as errors name it."""
        kind = kind.lstrip('*')
        if kind == '[]byte':
            return '[]uint8'
        if kind.startswith('[]'):
            return '[]' + ('*' if kind[2] == '*' else '') + self.text(kind[2:], path, imports)
        if kind.startswith('map['):
            key, value = re.match(r'map\[([\w.]+)\](.*)', kind).groups()
            return 'map[%s]%s' % (self.text(key, path, imports), self.text(value, path, imports))
        if '.' in kind:
            where, name = self.locate(kind, path, imports)
            return where.rsplit('/', 1)[1] + '.' + name
        return kind if kind[0].islower() else path.rsplit('/', 1)[1] + '.' + kind

    def named_element(self, kind, path, imports):
        """The Go types below a list or map, as (type, package, imports); None if it is neither."""
        kind = kind.lstrip('*')
        if kind.startswith('[]') and kind != '[]byte':
            return kind[2:], path, imports
        if kind.startswith('map['):
            return re.match(r'map\[[\w.]+\](.*)', kind).group(1), path, imports
        if kind[0].isupper() or '.' in kind:
            where, name = self.locate(kind, path, imports)
            entry = self.package(where).get(name)
            if entry and entry[0] == 'named':
                return self.named_element(entry[1], where, entry[2])
        return None


def go_package(definition):
    """The Go package of a definition's name."""
    name = definition.rsplit('.', 1)[0]
    for prefix, path in (('io.k8s.apimachinery.', 'k8s.io/apimachinery/'),
                         ('io.k8s.apiextensions-apiserver.', 'k8s.io/apiextensions-apiserver/'),
                         ('io.k8s.api.', 'k8s.io/api/')):
        if name.startswith(prefix):
            return path + name[len(prefix):].replace('.', '/')
    return ''


class Writer:
    def __init__(self, definitions, go):
        self.definitions = definitions
        self.go = go
        self.missing = []

    def reference(self, target, package):
        name = target.rsplit('/', 1)[1]
        if name in SPECIAL:
            return SPECIAL[name]
        where, simple = name.rsplit('.', 1)
        if where == package:
            return simple
        for short, long in USES.items():
            if where == long:
                return short + '.' + simple
        return name

    def type(self, schema, package, go):
        """The type's text; go is (type, package, imports) or None."""
        if '$ref' in schema:
            return self.reference(schema['$ref'], package)
        if 'allOf' in schema:
            return self.reference(schema['allOf'][0]['$ref'], package)
        kind, form = schema.get('type'), schema.get('format')
        below = self.go.named_element(*go) if go else None
        if kind == 'array':
            base = '[' + self.type(schema['items'], package, below) + self.enum(schema['items']) + ']'
            plain = 'list'
        elif kind == 'object' and 'additionalProperties' in schema:
            values = schema['additionalProperties']
            base = '{' + self.type(values, package, below) + self.enum(values) + '}'
            plain = 'map'
        else:
            base = {('string', None): 'string', ('string', 'byte'): 'bytes', ('boolean', None): 'boolean',
                    ('integer', 'int32'): 'int32', ('integer', 'int64'): 'int64', ('number', 'double'): 'double',
                    ('object', None): 'object', (None, None): 'any', ('string', 'date-time'): 'time'}[kind, form]
            plain = {'boolean': 'bool', 'double': 'float64', 'bytes': '[]uint8'}.get(base, base)
        if go:
            text = self.go.text(*go)
            if not text.startswith(('[]', 'map[string]')) and text != plain or text.startswith('map[') and \
                    not text.startswith('map[string]'):
                base += '<' + text + '>'
        return base

    @staticmethod
    def enum(schema):
        return ''.join(':' + value.replace(' ', '%20') for value in schema.get('enum', []))

    def presence(self, field):
        if field is None:
            return '.'
        kind, options, path, imports = field
        under = self.go.underlying(kind, path, imports)
        if under in ('pointer', None):  # what is not found is an interface
            return '.' if 'omitempty' in options or 'omitzero' in options else '~'
        if under == 'struct':
            return '-' if 'omitzero' in options else '0'
        if under in ('list', 'map', 'bytes'):
            return '-' if 'omitempty' in options or 'omitzero' in options else '~'
        return '-' if 'omitempty' in options or 'omitzero' in options else '0'

    def definition(self, name):
        schema = self.definitions[name]
        package = name.rsplit('.', 1)[0]
        head = [name]
        if 'properties' not in schema:
            head.append(SPECIAL.get(name) or self.type(schema, package, None))
        kinds = schema.get('x-kubernetes-group-version-kind')
        if kinds:
            head.append('kind(%s)' % ','.join('/'.join((k['group'], k['version'], k['kind'])) for k in kinds))
        if schema.get('required'):
            head.append('required(%s)' % ','.join(schema['required']))
        if 'x-kubernetes-map-type' in schema:
            head.append(schema['x-kubernetes-map-type'])
        if 'x-kubernetes-unions' in schema:
            head.append('unions(%s)' % json.dumps(schema['x-kubernetes-unions'], separators=(',', ':')))
        lines = [' '.join(head)]
        struct = self.go.struct(go_package(name), name.rsplit('.', 1)[1])
        for field, value in schema.get('properties', {}).items():
            go = struct.get(field) if struct else None
            if go is None:
                self.missing.append(name + '.' + field)
            kind = self.type(value, package, (go[0], go[2], go[3]) if go else None)
            parts = [self.presence(go) + field, ('&' if '$ref' in value else '') + kind]
            if 'default' in value:
                parts.append('=' + json.dumps(value['default'], separators=(',', ':')))
            if 'enum' in value:
                parts.append('enum(%s)' % ','.join(value['enum']).replace(' ', '%20'))
            listed = value.get('x-kubernetes-list-type')
            if listed == 'map':
                parts.append('map(%s)' % ','.join(value['x-kubernetes-list-map-keys']))
            elif listed:
                parts.append(listed)
            if 'x-kubernetes-map-type' in value:
                parts.append(value['x-kubernetes-map-type'])
            if 'x-kubernetes-patch-merge-key' in value:
                parts.append('merge(%s)' % value['x-kubernetes-patch-merge-key'])
            if 'x-kubernetes-patch-strategy' in value:
                parts.append('strategy(%s)' % value['x-kubernetes-patch-strategy'])
            assert all(' ' not in part for part in parts), parts
            lines.append(' ' + ' '.join(parts))
        extra = set(schema.get('required', [])) - set(schema.get('properties', {}))
        assert not extra, (name, extra)
        return lines

    def write(self, out):
        for short, long in USES.items():
            out.write('use %s %s\n' % (short, long))
        for name in sorted(self.definitions):
            out.write('\n'.join(self.definition(name)) + '\n')


def main():
    definitions = json.load(gzip.open(sys.argv[1]))
    writer = Writer(definitions, Go(sys.argv[2]))
    writer.write(sys.stdout)
    sys.stdout.write(open(os.path.join(os.path.dirname(__file__), 'apiregistration.types'), encoding='utf-8').read())
    for name in writer.missing:
        sys.stderr.write('no Go field for %s\n' % name)


if __name__ == '__main__':
    main()
