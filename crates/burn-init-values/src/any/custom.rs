//! Initializers of users: behind a pointer, and in files by a registered name.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, RwLock, RwLockReadGuard};

use serde::de::value::{MapDeserializer, UnitDeserializer};
use serde::de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, Visitor};
use serde::ser::{Error as _, SerializeMap};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::InitError;
use crate::initializer::{Fitted, Initializer};
use crate::weight::WeightLayout;

/// A user's own initializer, of whichever type.
///
/// Two of them are equal if they have the same type and the same settings, by their `Debug` text.
#[derive(Clone)]
pub struct Custom(Arc<dyn Typed>);

/// An initializer whose type can be asked for.
trait Typed: Initializer {
    fn as_any(&self) -> &dyn Any;
}

impl<I: Initializer + 'static> Typed for I {
    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Custom {
    pub(super) fn new(initializer: impl Initializer + 'static) -> Self {
        Self(Arc::new(initializer))
    }

    fn type_id(&self) -> TypeId {
        (*self.0).as_any().type_id()
    }
}

impl Initializer for Custom {
    fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
        (*self.0).fit(weight)
    }

    fn fit_all(&self, weights: &[&WeightLayout]) -> Vec<Result<Fitted, InitError>> {
        (*self.0).fit_all(weights)
    }
}

impl PartialEq for Custom {
    fn eq(&self, other: &Self) -> bool {
        let texts = || (format!("{self:?}"), format!("{other:?}"));
        self.type_id() == other.type_id() && {
            let (own, others) = texts();
            own == others
        }
    }
}

impl fmt::Debug for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

impl fmt::Display for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", &*self.0)
    }
}

/// How initializers of one type are written and read.
struct Registered {
    type_id: TypeId,
    write: for<'a> fn(&'a dyn Any) -> Option<&'a dyn erased_serde::Serialize>,
    read: fn(&mut dyn erased_serde::Deserializer<'_>) -> Result<Custom, erased_serde::Error>,
}

/// What stands in files for settings of a type that has none: TOML can't write a struct without fields.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoSettings {}

impl Registered {
    fn of<I>() -> Self
    where
        I: Initializer + Serialize + DeserializeOwned + 'static,
    {
        let type_id = TypeId::of::<I>();
        if size_of::<I>() == 0 && without_settings::<I>().is_ok() {
            return Self {
                type_id,
                write: |any| any.is::<I>().then_some(&NoSettings {} as _),
                read: |deserializer| {
                    let NoSettings {} = erased_serde::deserialize(deserializer)?;
                    without_settings::<I>().map(Custom::new)
                },
            };
        }
        Self {
            type_id,
            write: |any| any.downcast_ref::<I>().map(|init| init as _),
            read: |deserializer| erased_serde::deserialize::<I>(deserializer).map(Custom::new),
        }
    }
}

/// An initializer of a type without fields: `struct A;` or `struct A {}`.
fn without_settings<I: DeserializeOwned>() -> Result<I, erased_serde::Error> {
    let nothing = MapDeserializer::new(std::iter::empty::<(&str, ())>());
    I::deserialize(UnitDeserializer::new())
        .or_else(|_: erased_serde::Error| I::deserialize(nothing))
}

static REGISTERED: RwLock<BTreeMap<String, Registered>> = RwLock::new(BTreeMap::new());

fn registered() -> RwLockReadGuard<'static, BTreeMap<String, Registered>> {
    REGISTERED.read().unwrap_or_else(|e| e.into_inner())
}

/// Gives initializers of a user's type a name in files, for this process: call it at the beginning of
/// a program that reads or writes them.
///
/// ```
/// use burn_init_values::{AnyInitializer, Fitted, InitError, Initializer, WeightLayout, any};
/// use serde::{Deserialize, Serialize};
///
/// /// 1, 2, 3, … times a step.
/// #[derive(Debug, Serialize, Deserialize)]
/// struct Ramp {
///     step: f32,
/// }
/// # impl std::fmt::Display for Ramp {
/// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
/// #         write!(f, "ramp of {}", self.step)
/// #     }
/// # }
///
/// impl Initializer for Ramp {
///     fn fit(&self, weight: &WeightLayout) -> Result<Fitted, InitError> {
///         let step = self.step;
///         Fitted::elements(weight, move |_, i| (i + 1) as f32 * step)
///     }
/// }
///
/// any::register::<Ramp>("ramp")?;
/// let init = AnyInitializer::custom(Ramp { step: 0.5 });
/// let text = r#"{"custom":{"ramp":{"step":0.5}}}"#;
/// assert_eq!(serde_json::to_string(&init).unwrap(), text);
/// assert_eq!(serde_json::from_str::<AnyInitializer>(text).unwrap(), init);
/// # Ok::<(), InitError>(())
/// ```
///
/// # Errors
///
/// If another type has this name, or the type has another name.
pub fn register<I>(name: &str) -> Result<(), InitError>
where
    I: Initializer + Serialize + DeserializeOwned + 'static,
{
    let new = Registered::of::<I>();
    let mut all = REGISTERED.write().unwrap_or_else(|e| e.into_inner());
    let with_type = all.iter().find(|(_, old)| old.type_id == new.type_id);
    match (with_type, all.get(name)) {
        (Some((old, _)), _) if old == name => Ok(()),
        (Some((old, _)), _) => {
            let expected = format!("`{old}`, the name that the type has");
            Err(InitError::setting("register", "name", name, expected))
        }
        (None, Some(_)) => {
            let expected = "a name that no other type has";
            Err(InitError::setting("register", "name", name, expected))
        }
        (None, None) => {
            all.insert(name.to_owned(), new);
            Ok(())
        }
    }
}

impl Serialize for Custom {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Without the lock: settings may have other initializers in them.
        let entry = registered()
            .iter()
            .find(|(_, entry)| entry.type_id == self.type_id())
            .map(|(name, entry)| (name.clone(), entry.write));
        let settings = entry.and_then(|(name, write)| Some((name, write((*self.0).as_any())?)));
        let Some((name, settings)) = settings else {
            return Err(S::Error::custom(format!(
                "`{self}` has no name in files; `any::register` gives it one"
            )));
        };
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(&name, settings)?;
        map.end()
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Custom {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Custom".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A user's own initializer: the name that it is registered with, and its settings.",
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
        })
    }
}

impl<'de> Deserialize<'de> for Custom {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ByName)
    }
}

/// Reads a map with one entry: a registered name, and settings.
struct ByName;

impl<'de> Visitor<'de> for ByName {
    type Value = Custom;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the name of a registered initializer and its settings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Custom, A::Error> {
        let Some(name) = map.next_key::<String>()? else {
            return Err(A::Error::custom("the name of an initializer is missing"));
        };
        let read = registered().get(&name).map(|entry| entry.read);
        let Some(read) = read else {
            let names: Vec<String> = registered().keys().cloned().collect();
            let expected = match names.as_slice() {
                [] => "none is: `any::register` does it".to_owned(),
                names => format!("registered are {}", names.join(", ")),
            };
            return Err(A::Error::custom(format!(
                "no initializer is registered as `{name}`; {expected}"
            )));
        };
        let custom = map.next_value_seed(Settings(read))?;
        if map.next_key::<String>()?.is_some() {
            return Err(A::Error::custom("only one initializer can stand here"));
        }
        Ok(custom)
    }
}

/// Reads settings by a registered function.
struct Settings(fn(&mut dyn erased_serde::Deserializer<'_>) -> Result<Custom, erased_serde::Error>);

impl<'de> DeserializeSeed<'de> for Settings {
    type Value = Custom;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Custom, D::Error> {
        let mut erased = <dyn erased_serde::Deserializer<'_>>::erase(deserializer);
        (self.0)(&mut erased).map_err(D::Error::custom)
    }
}
