//! The struct that derives `Record`, parsed: an [`Input`] that exists breaks no rule that can be
//! checked without the sizes of its fields.

use std::collections::HashSet;

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Error, Fields, Ident, LitStr, Meta, Result, Token};

pub(crate) struct Input {
    pub(crate) name: Ident,
    /// In the order of their offsets.
    pub(crate) members: Vec<Member>,
}

pub(crate) struct Member {
    pub(crate) ident: Ident,
    pub(crate) type_span: Span,
    pub(crate) role: Role,
}

pub(crate) enum Role {
    /// A field of the dtype.
    Field { name: String, title: Option<String> },
    /// Bytes between the fields of the dtype.
    Padding,
}

impl Input {
    pub(crate) fn new(input: DeriveInput) -> Result<Input> {
        let mut errors = Errors(None);
        errors.take(check_kind(&input));
        errors.take(check_repr(&input));
        errors.take(check_generics(&input));
        errors.take(check_no_option(&input));
        let mut members = Vec::new();
        let mut names = HashSet::new();
        if let Data::Struct(data) = input.data
            && let Fields::Named(fields) = data.fields
        {
            for field in fields.named {
                if let Some(member) = errors.take(member(field)) {
                    errors.take(check_names(&member, &mut names));
                    members.push(member);
                }
            }
        }
        errors.none().map(|()| Input { name: input.ident, members })
    }
}

fn check_kind(input: &DeriveInput) -> Result<()> {
    let kind = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(_) => return Ok(()),
            Fields::Unnamed(_) => "a tuple struct",
            Fields::Unit => "a unit struct",
        },
        Data::Enum(_) => "an enum",
        Data::Union(_) => "a union",
    };
    Err(Error::new(
        input.ident.span(),
        format!("a record is a struct with named fields, not {kind}"),
    ))
}

fn check_repr(input: &DeriveInput) -> Result<()> {
    for attribute in input.attrs.iter().filter(|a| a.path().is_ident("repr")) {
        let hints = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)?;
        if hints.iter().any(|hint| hint.path().is_ident("C")) {
            return Ok(());
        }
    }
    Err(Error::new(
        input.ident.span(),
        "a record needs `#[repr(C)]` or `#[repr(C, packed)]`: Rust may lay out other structs as it likes",
    ))
}

fn check_generics(input: &DeriveInput) -> Result<()> {
    if input.generics.params.is_empty() && input.generics.where_clause.is_none() {
        return Ok(());
    }
    Err(Error::new(
        input.ident.span(),
        "a record cannot be generic: whether it has padding must be known where it is defined",
    ))
}

fn check_no_option(input: &DeriveInput) -> Result<()> {
    match input.attrs.iter().find(|attribute| is_option(attribute)) {
        Some(attribute) => {
            Err(Error::new(attribute.span(), "`savez` attributes belong to the fields"))
        }
        None => Ok(()),
    }
}

fn is_option(attribute: &Attribute) -> bool {
    attribute.path().is_ident("savez")
}

fn member(field: syn::Field) -> Result<Member> {
    let type_span = field.ty.span();
    let Some(ident) = field.ident else {
        return Err(Error::new(type_span, "a field of a record needs a name"));
    };
    let (mut rename, mut title, mut pad) = (None, None, None);
    for attribute in field.attrs.iter().filter(|attribute| is_option(attribute)) {
        attribute.parse_nested_meta(|meta| {
            let span = meta.path.span();
            if meta.path.is_ident("rename") {
                set(&mut rename, span, text(meta.value()?.parse()?)?)
            } else if meta.path.is_ident("title") {
                set(&mut title, span, text(meta.value()?.parse()?)?)
            } else if meta.path.is_ident("pad") {
                set(&mut pad, span, ())
            } else {
                Err(Error::new(span, "expected `rename = \"…\"`, `title = \"…\"` or `pad`"))
            }
        })?;
    }
    let role = match (pad, rename, title) {
        (Some(()), None, None) => Role::Padding,
        (Some(()), ..) => {
            return Err(Error::new(ident.span(), "padding has neither a name nor a title"));
        }
        (None, rename, title) => {
            Role::Field { name: rename.unwrap_or_else(|| ident.unraw().to_string()), title }
        }
    };
    Ok(Member { ident, type_span, role })
}

fn set<T>(option: &mut Option<T>, span: Span, value: T) -> Result<()> {
    match option.replace(value) {
        None => Ok(()),
        Some(_) => Err(Error::new(span, "this was said before")),
    }
}

/// NumPy gives fields without a name one of its own, and ignores empty titles.
fn text(literal: LitStr) -> Result<String> {
    match literal.value() {
        empty if empty.is_empty() => Err(Error::new(literal.span(), "this must not be empty")),
        text => Ok(text),
    }
}

/// In NumPy both names and titles are keys to the fields, so no two may be the same.
fn check_names(member: &Member, taken: &mut HashSet<String>) -> Result<()> {
    let Role::Field { name, title } = &member.role else { return Ok(()) };
    for name in std::iter::once(name).chain(title) {
        if !taken.insert(name.clone()) {
            let message = format!("`{name}` is the name or title of two fields");
            return Err(Error::new(member.ident.span(), message));
        }
    }
    Ok(())
}

/// Errors so far: all of them are shown, not just the first.
struct Errors(Option<Error>);

impl Errors {
    fn take<T>(&mut self, result: Result<T>) -> Option<T> {
        let error = match result {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            None => self.0 = Some(error),
        }
        None
    }

    fn none(self) -> Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[track_caller]
    fn refused(input: DeriveInput, expected: &[&str]) {
        let error = Input::new(input).err().expect("an error");
        let messages: Vec<String> = error.into_iter().map(|error| error.to_string()).collect();
        assert_eq!(messages.len(), expected.len(), "{messages:?}");
        for (message, expected) in messages.iter().zip(expected) {
            assert!(message.contains(expected), "{message:?} does not contain {expected:?}");
        }
    }

    #[test]
    fn other_kinds_of_types_are_refused() {
        refused(parse_quote! { #[repr(C)] enum E { A } }, &["not an enum"]);
        refused(parse_quote! { #[repr(C)] union U { a: u8 } }, &["not a union"]);
        refused(parse_quote! { #[repr(C)] struct T(u8); }, &["not a tuple struct"]);
        refused(parse_quote! { #[repr(C)] struct U; }, &["not a unit struct"]);
    }

    #[test]
    fn other_layouts_are_refused() {
        refused(parse_quote! { struct S { a: u8 } }, &["needs `#[repr(C)]`"]);
        refused(parse_quote! { #[repr(transparent)] struct S { a: u8 } }, &["needs `#[repr(C)]`"]);
        refused(parse_quote! { #[repr(packed)] struct S { a: u8 } }, &["needs `#[repr(C)]`"]);
        refused(parse_quote! { #[repr(C)] struct S<T> { a: T } }, &["cannot be generic"]);
        refused(parse_quote! { #[repr(C)] struct S<const N: usize> { a: [u8; N] } }, &["generic"]);
        refused(parse_quote! { #[repr(C)] struct S where u8: Copy { a: u8 } }, &["generic"]);
    }

    #[test]
    fn layouts_in_the_order_of_the_source_are_taken() {
        let layouts: [DeriveInput; 5] = [
            parse_quote! { #[repr(C)] struct S { a: u8 } },
            parse_quote! { #[repr(C, packed)] struct S { a: u8 } },
            parse_quote! { #[repr(packed, C)] struct S { a: u8 } },
            parse_quote! { #[repr(align(8))] #[repr(C)] struct S { a: u64 } },
            parse_quote! { #[repr(C, packed(2))] struct S { a: u64 } },
        ];
        for layout in layouts {
            assert!(Input::new(layout).is_ok());
        }
    }

    #[test]
    fn names_and_titles_are_unique() {
        let two = "`b` is the name or title of two fields";
        refused(
            parse_quote! { #[repr(C)] struct S { #[savez(rename = "b")] a: u8, b: u8 } },
            &[two],
        );
        refused(
            parse_quote! { #[repr(C)] struct S { #[savez(title = "b")] a: u8, b: u8 } },
            &[two],
        );
        refused(parse_quote! { #[repr(C)] struct S { #[savez(title = "b")] b: u8 } }, &[two]);
        refused(
            parse_quote! { #[repr(C)] struct S { r#type: u8, #[savez(rename = "type")] b: u8 } },
            &["`type` is the name or title of two fields"],
        );
    }

    #[test]
    fn attributes_say_what_they_may_say_once() {
        refused(
            parse_quote! {
                #[repr(C)]
                #[savez(rename = "T")]
                struct S {
                    #[savez(rename = "")]
                    a: u8,
                    #[savez(skip)]
                    b: u8,
                    #[savez(pad, rename = "d")]
                    c: [u8; 1],
                    #[savez(title = "e", title = "f")]
                    d: u8,
                    #[savez(rename = 3)]
                    e: u8,
                    #[savez(rename)]
                    f: u8,
                }
            },
            &[
                "belong to the fields",
                "must not be empty",
                "expected `rename",
                "padding has neither",
                "said before",
                "expected string literal",
                "expected `=`",
            ],
        );
    }
}
