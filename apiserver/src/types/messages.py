#!/usr/bin/env python3
"""Writes the protobuf messages of Kubernetes into the text that io.keelson.apiserver.protobuf.MessageTable reads.

    messages.py GOPATH/src > ../main/resources/io/keelson/apiserver/protobuf/kubernetes.messages

Takes the published Go packages k8s.io/api, k8s.io/apimachinery and k8s.io/apiextensions-apiserver of one version, and joins
in each package two things by the numbers of fields: generated.proto (messages, numbers, types) and the Go types (how a
field is called in JSON, and whether it is a pointer, a list or a map; Go writes every field that is none of these, even if
it is zero). Messages of apiregistration.k8s.io, which these packages lack, stand beside this file; they come last. On
standard error it lists where the two differ: fields with another name in JSON than in protobuf, and messages whose fields
stand in JSON directly in the object around them.

What it writes, one message after the other, one line for each field in the order of numbers:

    io.k8s.api.core.v1.ContainerPort
     1!name string
     2!hostPort int32
    io.k8s.api.core.v1.Pod kind(/v1/Pod)
     1!metadata meta.ObjectMeta
     2!spec PodSpec

Messages have the names that their definitions have in OpenAPI. "!" says that a field is always written, "?" that it is
written if there is a value. Types: string bool int32 int64 double bytes; time microtime quantity intorstring raw
(JSON as bytes), and orBool orList orStrings for the three types of JSON schemas that are a schema or something else; [T]
lists, {T} maps, (T) lists that are a message of their own; names of messages (of the same package if they have no dot, the
first part may be an abbreviation that a "use" line declares). A field without a name, "2!- VolumeSource", is a message
whose fields stand in JSON in the object itself.
"""
import os
import re
import sys

from generate import Go

USES = {
    'meta': 'io.k8s.apimachinery.pkg.apis.meta.v1',
    'core': 'io.k8s.api.core.v1',
}
META = 'k8s.io.apimachinery.pkg.apis.meta.v1.'
APIEXTENSIONS = r'k8s\.io\.apiextensions_apiserver\.pkg\.apis\.apiextensions\.\w+\.'
SPECIAL = [
    (META + 'Time', 'time'),
    (META + 'MicroTime', 'microtime'),
    (META + 'FieldsV1', 'raw'),
    (r'k8s\.io\.apimachinery\.pkg\.api\.resource\.Quantity(Value)?', 'quantity'),
    ('k8s.io.apimachinery.pkg.util.intstr.IntOrString', 'intorstring'),
    ('k8s.io.apimachinery.pkg.runtime.RawExtension', 'raw'),
    (APIEXTENSIONS + 'JSON', 'raw'),
    (APIEXTENSIONS + 'JSONSchemaPropsOrBool', 'orBool'),
    (APIEXTENSIONS + 'JSONSchemaPropsOrArray', 'orList'),
    (APIEXTENSIONS + 'JSONSchemaPropsOrStringArray', 'orStrings'),
]
SCALARS = {'string', 'bool', 'int32', 'int64', 'double', 'bytes'}


class TaggedGo(Go):
    """Go types with the numbers that their tags give to fields."""

    @staticmethod
    def fields(body):
        fields = []
        for line in body.split('\n'):
            found = re.match(r'^(?:(\w+)\s+)?([\w\[\]*.]+)(?:\s+`(.*)`)?$', re.sub(r'\s+//.*$', '', line).strip())
            if not found:
                continue
            name, kind, tags = found.groups()
            json = re.search(r'json:"([^"]*)"', tags or '')
            number = re.search(r'protobuf:"\w+,(\d+),', tags or '')
            fields.append((name, kind, json.group(1).split(',') if json else [''], int(number[1]) if number else 0))
        return fields

    def always(self, kind, path, imports):
        """Whether a field of this type is written in any case."""
        return self.underlying(kind, path, imports) not in ('pointer', 'list', 'map', 'bytes')


def messages(path):
    """The messages of a generated.proto: (package, {message: [(number, label, type, name)]})."""
    text = re.sub(r'(?m)//.*$', '', open(path, encoding='utf-8').read())
    package = re.search(r'(?m)^package ([\w.]+);', text)[1]
    found = {}
    for name, body in re.findall(r'(?ms)^message (\w+) \{(.*?)^\}', text):
        fields = []
        for statement in body.split(';'):
            statement = ' '.join(statement.split())
            if not statement:
                continue
            plain = re.match(r'^(optional|repeated) ([\w.]+) (\w+) = (\d+)$', statement)
            mapped = re.match(r'^(map)<string, ([\w.]+)> (\w+) = (\d+)$', statement)
            label, kind, field, number = (plain or mapped).groups()
            fields.append((int(number), label, kind, field))
        found[name] = sorted(fields)
    return package, found


def group(folder):
    """The API group that a Go package registers its types under."""
    text = open(os.path.join(folder, 'register.go'), encoding='utf-8').read()
    return re.search(r'GroupName\s*=\s*"([^"]*)"', text)[1]


class Writer:
    def __init__(self, root):
        self.root = root
        self.go = TaggedGo(root)
        self.notes = []
        self.lists = {}

    def load(self):
        found = {}
        for folder, _, files in sorted(os.walk(os.path.join(self.root, 'k8s.io'))):
            if 'generated.proto' in files and 'testapigroup' not in folder:
                package, parts = messages(os.path.join(folder, 'generated.proto'))
                if parts:
                    found[package] = (os.path.relpath(folder, self.root), parts)
        for package, (path, parts) in found.items():
            for name, fields in parts.items():
                entry = self.go.package(path).get(name)
                if entry and entry[0] == 'named' and self.go.underlying(entry[1], path, entry[2]) == 'list':
                    assert [(f[0], f[1]) for f in fields] == [(1, 'repeated')], (package, name)
                    self.lists[package + '.' + name] = fields[0][2]
        return found

    @staticmethod
    def definition(package):
        return 'io.k8s.' + package[len('k8s.io.'):].replace('_', '-')

    def type(self, kind, package):
        if kind in SCALARS:
            return kind
        full = kind.lstrip('.') if '.' in kind else package + '.' + kind
        for pattern, special in SPECIAL:
            if re.fullmatch(pattern if '\\' in pattern else re.escape(pattern), full):
                return special
        if full in self.lists:
            return '(' + self.type(self.lists[full], package) + ')'
        where, simple = full.rsplit('.', 1)
        if where == package:
            return simple
        for short, long in USES.items():
            if self.definition(where) == long:
                return short + '.' + simple
        return self.definition(where) + '.' + simple

    def message(self, package, path, name, fields):
        where, entry = path, self.go.package(path).get(name)
        while entry and entry[0] == 'named':
            where, target = self.go.locate(entry[1], where, entry[2])
            entry = self.go.package(where).get(target)
        if not entry:
            assert not fields, (package, name)
            entry = ('struct', [], {})
        tagged = {number: (field, kind, json) for field, kind, json, number in entry[1] if number}
        is_kind = any(kind.rsplit('.', 1)[-1] == 'TypeMeta' and not number for _, kind, _, number in entry[1])
        full = self.definition(package) + '.' + name
        mark = ''
        if is_kind and not package.startswith(META[:-1]):
            mark = ' kind(%s/%s/%s)' % (group(os.path.join(self.root, path)), package.rsplit('.', 1)[1], name)
        lines = [full + mark]
        for number, label, kind, proto in fields:
            field, go, json = tagged[number]
            inline = field is None and not json[0]
            text = self.type(kind, package)
            text = {'optional': text, 'repeated': '[' + text + ']', 'map': '{' + text + '}'}[label]
            if label == 'map' and kind == 'bytes':
                text = '{bytes}'
            always = label == 'optional' and self.go.always(go, where, entry[2])
            if inline:
                self.notes.append('inline %s.%s' % (full, proto))
            elif json[0] != proto:
                self.notes.append('named %s.%s in JSON, %s in protobuf' % (full, json[0], proto))
            lines.append(' %d%s%s %s' % (number, '!' if always else '?', '-' if inline else json[0], text))
        missing = set(tagged) - {f[0] for f in fields}
        assert not missing, (full, missing)
        return lines

    def write(self, out):
        for short, long in USES.items():
            out.write('use %s %s\n' % (short, long))
        for package, (path, parts) in sorted(self.load().items()):
            for name, fields in sorted(parts.items()):
                known = self.type(name, package)
                if known == name and package != 'k8s.io.apimachinery.pkg.runtime':
                    out.write(''.join(line + '\n' for line in self.message(package, path, name, fields)))


def main():
    writer = Writer(sys.argv[1])
    writer.write(sys.stdout)
    by_hand = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'apiregistration.messages')
    sys.stdout.write(open(by_hand, encoding='utf-8').read())
    for note in writer.notes:
        sys.stderr.write(note + '\n')


if __name__ == '__main__':
    main()
